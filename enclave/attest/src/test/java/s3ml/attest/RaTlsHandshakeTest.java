package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Handshakes over loopback between peers that know each other by evidence alone: over sockets, and over engines, as
/// every asynchronous TLS stack drives them.
final class RaTlsHandshakeTest {
    private static final TestPlatform PLATFORM = new TestPlatform();
    private static final byte[] HELLO = {42};

    private final List<Verdict> verdicts = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();

    /// Certificates are in their validity by the JDK's own clock too, which a handshake may look at.
    private final RaTlsCertificate.Validity validity = new RaTlsCertificate.Validity(
            Instant.now().minus(Duration.ofDays(4000)), Instant.now().plus(Duration.ofDays(4000)));

    private static EvidenceIssuer issuer(Function<ReportData, byte[]> quotes) {
        return new EvidenceIssuer() {
            @Override
            public byte[] issue(ReportData reportData) {
                return quotes.apply(reportData);
            }

            @Override
            public String name() {
                return "test";
            }

            @Override
            public boolean simulated() {
                return true;
            }
        };
    }

    private RaTlsTrustManager trusting(String rule) {
        return new RaTlsTrustManager(
                new Appraiser(TestProvider.fastest()),
                quote -> {
                    asked.incrementAndGet();
                    return PLATFORM.collateral(quote.teeType());
                },
                PLATFORM.policy(rule, ""),
                InstantSource.fixed(TestPlatform.AT),
                verdicts::add);
    }

    private RaTlsTrustManager trustingTheCode() {
        return trusting(TestPlatform.codeRule());
    }

    private SSLContext context(EvidenceIssuer issuer, TrustManager trust) {
        KeyPair keys = TestPki.keys();
        return context(keys, RaTlsCertificate.issue(issuer, keys, "peer", null, validity), trust);
    }

    private static SSLContext context(KeyPair keys, X509Certificate certificate, TrustManager trust) {
        try {
            char[] password = "memory".toCharArray();
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, password);
            store.setKeyEntry("own", keys.getPrivate(), password, new Certificate[] {certificate});
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), new TrustManager[] {trust}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private SSLContext attested() {
        return context(issuer(PLATFORM::sgxQuote), trustingTheCode());
    }

    /// One byte from a client to a server that sends it back.
    private static int exchange(SSLContext server, SSLContext client, String version) throws IOException {
        try (SSLServerSocket listening = (SSLServerSocket)
                server.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listening.setNeedClientAuth(true);
            listening.setSoTimeout(20_000);
            Thread thread = Thread.ofVirtual().start(() -> echo(listening));
            try (SSLSocket socket = (SSLSocket) client.getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), listening.getLocalPort())) {
                socket.setSoTimeout(20_000);
                socket.setEnabledProtocols(new String[] {version});
                socket.getOutputStream().write(HELLO);
                return socket.getInputStream().read();
            } finally {
                join(thread);
            }
        }
    }

    private static void echo(SSLServerSocket listening) {
        try (SSLSocket socket = (SSLSocket) listening.accept()) {
            socket.getOutputStream().write(socket.getInputStream().read());
        } catch (IOException e) {
            // The client sees the alert, and that is what the tests look at.
            assertThat(e).isInstanceOf(IOException.class);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void peers_of_the_expected_code_talk_and_each_has_judged_the_other(String version) throws IOException {
        assertThat(exchange(attested(), attested(), version)).isEqualTo(HELLO[0]);

        assertThat(verdicts)
                .hasSize(2)
                .allSatisfy(verdict -> assertThat(verdict).isInstanceOf(Trusted.class));
        assertThat(asked.get()).isEqualTo(2);
    }

    @Test
    void a_server_of_other_code_is_refused_by_the_client_and_learns_no_reason() {
        SSLContext strict =
                context(issuer(PLATFORM::sgxQuote), trusting("{\"mrEnclave\":\"" + "00".repeat(32) + "\"}"));

        assertThatThrownBy(() -> exchange(attested(), strict, "TLSv1.3"))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining(Check.POLICY_RULE.code())
                .hasMessageNotContaining("mrEnclave")
                .satisfies(failure -> assertThat(PeerRejected.among(failure)).contains((Rejected) verdicts.getFirst()));
    }

    @Test
    void a_client_of_other_code_is_refused_by_the_server() {
        SSLContext strict =
                context(issuer(PLATFORM::sgxQuote), trusting("{\"mrEnclave\":\"" + "00".repeat(32) + "\"}"));

        assertThatThrownBy(() -> exchange(strict, attested(), "TLSv1.3")).isInstanceOf(IOException.class);
        assertThat(verdicts).anySatisfy(verdict -> assertThat(verdict).isInstanceOf(Rejected.class));
    }

    @Test
    void evidence_of_another_key_and_a_certificate_without_any_are_refused() {
        byte[] stolen = PLATFORM.sgxQuote(ReportData.ofDigest(Digest.of(new byte[] {1})));
        KeyPair keys = TestPki.keys();
        X509Certificate bare = parsed(TestPki.certificate(
                new TestPki.Subject("peer", 5, false, List.of()), keys, "peer", keys.getPrivate(), new Instant[] {
                    validity.notBefore(), validity.notAfter()
                }));

        for (SSLContext server :
                List.of(context(issuer(data -> stolen), trustingTheCode()), context(keys, bare, trustingTheCode()))) {
            assertThatThrownBy(() -> exchange(server, attested(), "TLSv1.3"))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining(Check.RA_TLS_BINDING.code());
        }
    }

    @Test
    void a_quote_that_was_changed_on_the_way_into_the_certificate_is_refused() {
        SSLContext server = context(
                issuer(data -> {
                    byte[] quote = PLATFORM.sgxQuote(data);
                    quote[48 + 64] ^= 1;
                    return quote;
                }),
                trustingTheCode());

        assertThatThrownBy(() -> exchange(server, attested(), "TLSv1.3"))
                .hasMessageContaining(Check.QUOTE_SIGNATURE.code());
    }

    @Test
    void collateral_that_cannot_be_had_ends_the_handshake() {
        RaTlsTrustManager cut = new RaTlsTrustManager(
                new Appraiser(null),
                quote -> {
                    throw new S3mlException("ATT-302", "could not fetch the collateral", "no network", "try again");
                },
                PLATFORM.policy(TestPlatform.codeRule(), ""),
                InstantSource.fixed(TestPlatform.AT),
                verdicts::add);

        assertThatThrownBy(() -> exchange(attested(), context(issuer(PLATFORM::sgxQuote), cut), "TLSv1.3"))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("ATT-302");
    }

    @Test
    void HTTP_clients_and_servers_judge_each_other_through_engines() throws IOException, InterruptedException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(attested()) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters own = getSSLContext().getDefaultSSLParameters();
                own.setNeedClientAuth(true);
                parameters.setSSLParameters(own);
            }
        });
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/"))
                .timeout(Duration.ofSeconds(20))
                .build();
        try (HttpClient client = HttpClient.newBuilder().sslContext(attested()).build();
                HttpClient strict = HttpClient.newBuilder()
                        .sslContext(
                                context(issuer(PLATFORM::sgxQuote), trusting("{\"mrTd\":\"" + "00".repeat(48) + "\"}")))
                        .build()) {
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(204);
            assertThat(verdicts).hasSize(2);
            assertThatThrownBy(() -> strict.send(request, HttpResponse.BodyHandlers.discarding()))
                    .hasMessageContaining(Check.POLICY_RULE.code());
        } finally {
            server.stop(0);
        }
    }

    private static X509Certificate parsed(byte[] der) {
        try {
            return (X509Certificate) java.security.cert.CertificateFactory.getInstance("X.509")
                    .generateCertificate(new java.io.ByteArrayInputStream(der));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
