package s3ml.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.policy.FleetException;
import s3ml.wire.fleet.Explanation;

/// The console over HTTPS, with a certificate of the JDK's keytool.
final class ConsoleTlsTest {
    private static final String TOKEN = "a-token-that-is-long-enough";
    private static final String PASSWORD = "password";

    @TempDir
    static Path folder = Path.of("");

    @BeforeAll
    static void makeCertificates() throws Exception {
        make("console");
        make("other");
    }

    private static void make(String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = open(name);
        write(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded());
        write(
                name + ".key",
                "PRIVATE KEY",
                keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
    }

    private static KeyStore open(String name) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name + ".p12"))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private static void write(String file, String kind, byte[] der) throws Exception {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(
                folder.resolve(file), "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
    }

    private static Console start(String bind, String certificate, String key) {
        Console.TlsFiles files = new Console.TlsFiles(folder.resolve(certificate), folder.resolve(key));
        return Console.start(
                new Console.Settings(bind, 0, Optional.of(files), TOKEN, Duration.ofMillis(50)),
                new Console.Sources(Explanation::getDefaultInstance, "control:1", Optional.empty(), Optional.empty()),
                InstantSource.system());
    }

    /// One who trusts that certificate and no other.
    private static HttpClient trusting(String name) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(name, open(name).getCertificate(name));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("Authorization", "Bearer " + TOKEN)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void its_own_certificate_is_served_and_the_session_cookie_travels_by_TLS_only() throws Exception {
        try (Console console = start("127.0.0.1", "console.crt", "console.key");
                HttpClient client = trusting("console")) {
            assertThat(console.url()).startsWith("https://127.0.0.1:");
            assertThat(get(client, console.url()).statusCode()).isEqualTo(200);
            HttpResponse<String> signedIn = client.send(
                    HttpRequest.newBuilder(URI.create(console.url() + "login"))
                            .POST(HttpRequest.BodyPublishers.ofString("token=" + TOKEN))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(signedIn.headers().firstValue("Set-Cookie"))
                    .hasValueSatisfying(
                            cookie -> assertThat(cookie).contains("Secure").contains("HttpOnly"));
        }
    }

    @Test
    void who_trusts_another_certificate_or_speaks_plainly_gets_nothing() throws Exception {
        try (Console console = start("127.0.0.1", "console.crt", "console.key");
                HttpClient stranger = trusting("other");
                HttpClient plain = HttpClient.newHttpClient()) {
            assertThatThrownBy(() -> get(stranger, console.url())).isInstanceOf(SSLHandshakeException.class);
            assertThatThrownBy(() -> get(plain, console.url().replace("https:", "http:")))
                    .isInstanceOf(java.io.IOException.class);
        }
    }

    @Test
    void with_TLS_it_may_be_bound_beyond_loopback() {
        try (Console console = start("0.0.0.0", "console.crt", "console.key")) {
            assertThat(console.url()).startsWith("https://0.0.0.0:");
        }
    }

    @Test
    void files_that_hold_no_certificate_or_no_key_are_refused() {
        assertThatThrownBy(() -> start("127.0.0.1", "console.key", "console.key"))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("CON-110");
        assertThatThrownBy(() -> start("127.0.0.1", "console.crt", "console.crt"))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("holds no");
        assertThatThrownBy(() -> start("127.0.0.1", "missing.crt", "console.key"))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("--tls-certificate");
    }
}
