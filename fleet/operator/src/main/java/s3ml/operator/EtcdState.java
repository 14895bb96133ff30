package s3ml.operator;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import s3ml.operator.desired.AecsObjects;
import s3ml.operator.resource.ConfigurationService;

/// Deletes the sealed records of an AECS from etcd, when its resource says that they shall go with it. Speaks etcd's
/// JSON gateway (etcd v3 API, `/v3/kv/deleterange`), which each member serves on its client port.
final class EtcdState {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int OK = 200;

    private EtcdState() {}

    /// Deletes every key of that AECS.
    ///
    /// @throws IllegalStateException if no member did it; the caller tries again later
    static void delete(ConfigurationService aecs) {
        String prefix = AecsObjects.etcdPrefix(aecs) + "/";
        String body = "{\"key\":\"" + base64(prefix) + "\",\"range_end\":\"" + base64(after(prefix)) + "\"}";
        List<String> endpoints = aecs.getSpec().store().endpoints();
        StringBuilder refusals = new StringBuilder();
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            for (String endpoint : endpoints == null ? List.<String>of() : endpoints) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create("http://" + endpoint + "/v3/kv/deleterange"))
                                .timeout(PATIENCE)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == OK) {
                    return;
                }
                refusals.append(endpoint)
                        .append(" answers ")
                        .append(answer.statusCode())
                        .append("; ");
            }
        } catch (IOException e) {
            refusals.append(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            refusals.append("interrupted");
        }
        throw new IllegalStateException("sealed records below " + prefix + " not deleted: " + refusals);
    }

    /// The first key behind all that begin with `prefix`.
    private static String after(String prefix) {
        return prefix.substring(0, prefix.length() - 1) + (char) (prefix.charAt(prefix.length() - 1) + 1);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
