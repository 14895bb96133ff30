package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.attest.TestPlatform.AT;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A PCCS on loopback, the cache in front of it, and bundles.
final class CollateralSourcesTest {
    private static final TestPlatform PLATFORM = new TestPlatform();

    private final Quote quote = Quote.parse(PLATFORM.sgxQuote(ReportData.of(new byte[64])));
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Collateral served = PLATFORM.collateral(TeeType.SGX);
    private volatile int status = 200;
    private volatile Instant now = AT;

    @TempDir
    private Path folder = Path.of("");

    private HttpServer server = start();

    private HttpServer start() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void serve() {
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestURI().toString());
        Collateral from = served;
        String path = exchange.getRequestURI().getPath();
        byte[] body;
        String header = "SGX-PCK-CRL-Issuer-Chain";
        String chain = from.crls().issuerChain();
        if (path.endsWith("/pckcrl")) {
            body = from.crls().pckCrl();
        } else if (path.endsWith("/rootcacrl")) {
            body = HexFormat.of().formatHex(from.crls().rootCrl()).getBytes(StandardCharsets.US_ASCII);
        } else if (path.endsWith("/tcb")) {
            header = "TCB-Info-Issuer-Chain";
            chain = from.tcbInfo().issuerChain();
            body = from.tcbInfo().toAnswer("tcbInfo").getBytes(StandardCharsets.UTF_8);
        } else {
            header = "SGX-Enclave-Identity-Issuer-Chain";
            chain = from.qeIdentity().issuerChain();
            body = from.qeIdentity().toAnswer("enclaveIdentity").getBytes(StandardCharsets.UTF_8);
        }
        exchange.getResponseHeaders()
                .add(header, chain.replace("%", "%25").replace("\n", "%0A").replace(" ", "%20"));
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private PccsClient client() {
        return PccsClient.at(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    }

    private CachedCollateral cache() {
        return new CachedCollateral(client(), folder, () -> now, Duration.ofDays(7));
    }

    @Test
    void a_PCCS_is_asked_for_each_piece_and_the_pieces_are_as_served() {
        Collateral fetched = client().withUpdate("early").collateralFor(quote);

        assertThat(fetched).isEqualTo(served);
        assertThat(asked)
                .containsExactly(
                        "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
                        "/sgx/certification/v4/rootcacrl",
                        "/sgx/certification/v4/tcb?fmspc=00606a000000&update=early",
                        "/sgx/certification/v4/qe/identity?update=early");
    }

    @Test
    void a_refusal_names_the_address_and_what_the_number_means() {
        status = 404;

        assertThatThrownBy(() -> client().collateralFor(quote))
                .hasMessageContaining("ATT-302")
                .hasMessageContaining("404")
                .hasMessageContaining("knows no such platform");
    }

    @Test
    void the_cache_answers_from_memory_and_from_disk() {
        Collateral first = cache().collateralFor(quote);
        int fetched = asked.size();

        assertThat(cache().collateralFor(quote)).isEqualTo(first);
        assertThat(asked).hasSize(fetched);
    }

    @Test
    void an_outage_is_bridged_while_the_kept_collateral_is_valid_and_no_longer() {
        CachedCollateral cache = cache();
        Collateral first = cache.collateralFor(quote);
        status = 503;

        now = AT.plus(Duration.ofDays(28));
        assertThat(cache.collateralFor(quote)).isEqualTo(first);
        now = AT.plus(Duration.ofDays(29)).plusSeconds(1);
        assertThatThrownBy(() -> cache.collateralFor(quote)).hasMessageContaining("503");
    }

    @Test
    void collateral_is_fetched_anew_before_it_expires() {
        CachedCollateral cache = cache();
        cache.collateralFor(quote);
        served = PLATFORM.documents().until(AT.plus(Duration.ofDays(60))).collateral(TeeType.SGX);

        now = AT.plus(Duration.ofDays(23));

        assertThat(cache.collateralFor(quote)).isEqualTo(served);
    }

    @Test
    void a_damaged_file_in_the_cache_is_fetched_anew() throws IOException {
        cache().collateralFor(quote);
        try (var files = Files.list(folder)) {
            Files.writeString(files.findFirst().orElseThrow(), "{}");
        }

        assertThat(cache().collateralFor(quote)).isEqualTo(served);
    }

    @Test
    void percent_decoding_leaves_a_plus_sign_alone() {
        assertThat(PccsTransport.percentDecoded("a+b%2Bc%0a%zz%")).isEqualTo("a+b+c\n%zz%");
    }

    @Test
    void a_bundle_holds_everything_and_verifies_without_a_network() {
        Policy policy = PLATFORM.policy(TestPlatform.codeRule(), "");
        String text = new EvidenceBundle(PLATFORM.sgxQuote(ReportData.of(new byte[64])), served, policy, AT).toJson();

        EvidenceBundle bundle = EvidenceBundle.parse(text.getBytes(StandardCharsets.UTF_8));

        assertThat(new Appraiser(null)
                        .appraise(
                                bundle.evidence(),
                                bundle.collateral(),
                                bundle.policy().orElseThrow(),
                                bundle.at()))
                .isInstanceOf(Trusted.class);
    }

    @Test
    void every_fault_of_a_policy_is_reported_at_once() {
        assertThatThrownBy(() -> Policy.parse(
                        "{\"version\":2,\"roots\":[\"nobody\"],\"rules\":[{\"mrEnclave\":\"00\"},{}],\"minIsvSvn\":1}"))
                .hasMessageContaining("ATT-202")
                .hasMessageContaining("version must be 1")
                .hasMessageContaining("nobody")
                .hasMessageContaining("rules[0].mrEnclave")
                .hasMessageContaining("rules[1]")
                .hasMessageContaining("unknown member \"minIsvSvn\"");
    }
}
