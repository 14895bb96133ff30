package s3ml.client.verify;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;

/// Asks a server for its certificate and its evidence, by one HTTPS request.
///
/// Codes: `CLI-160` it cannot be reached, `CLI-200` its answer has another form.
public final class ServerProbe {
    private static final String PATH = "/v2/s3ml/evidence";
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    /// A receipt with its proof takes some 4 KB.
    private static final int MAX_BYTES = 256 * 1024;

    private static final int OK = 200;

    private ServerProbe() {}

    /// One request.
    ///
    /// @param server `https://HOST:PORT`; whoever signed its certificate
    public static ServerStatement ask(URI server) {
        SeenPeer peer = new SeenPeer();
        try (HttpClient http = HttpClient.newBuilder()
                .sslContext(context(peer))
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(TIMEOUT)
                .build()) {
            HttpRequest request = HttpRequest.newBuilder(server.resolve(PATH))
                    .timeout(TIMEOUT)
                    .build();
            HttpResponse<byte[]> response = http.send(
                    request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_BYTES));
            Optional<ServerStatement.Shown> shown = response.statusCode() == OK
                    ? Optional.of(ServerStatement.Shown.parse(new String(response.body(), StandardCharsets.UTF_8)))
                    : Optional.empty();
            return new ServerStatement(server.toString(), peer.chain(), shown);
        } catch (IOException e) {
            // A peer that speaks no HTTP may still show a certificate with evidence in it.
            if (!peer.chain().isEmpty()) {
                return new ServerStatement(server.toString(), peer.chain(), Optional.empty());
            }
            throw unreachable(server, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(server, e);
        } catch (IllegalArgumentException e) {
            throw unreachable(server, e);
        }
    }

    private static SSLContext context(SeenPeer peer) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, new TrustManager[] {peer}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS 1.3", e);
        }
    }

    private static S3mlException unreachable(URI server, @Nullable Exception e) {
        return new S3mlException("CLI-160", "could not read " + server, String.valueOf(e), "check the address", e);
    }
}
