package s3ml.console;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import s3ml.policy.FleetException;

/// An AECS's counters, read from its metrics page: calls by outcome, leases, log size. FleetException `CON-113`.
final class AecsCounters {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /// Ours has a line per call and outcome; anything larger is another page.
    private static final int MAX_BYTES = 1 << 20;

    private static final Pattern CALL =
            Pattern.compile("^s3ml_aecs_calls_total\\{call=\"([^\"]{1,64})\",code=\"([^\"]{0,64})\"} (\\d{1,18})$");
    private static final Pattern GAUGE =
            Pattern.compile("^s3ml_aecs_(leases|log_size|ready|state_sequence) (\\d{1,18})$");

    private final URI page;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    AecsCounters(URI page) {
        this.page = page;
    }

    /// `{"calls":[{"call","code","count"}],"gauges":{...}}`
    String json() {
        String text = fetch();
        return Answer.document(json -> {
            json.beginObject().name("calls").beginArray();
            for (String line : text.lines().toList()) {
                Matcher call = CALL.matcher(line);
                if (call.matches()) {
                    json.beginObject().name("call").value(call.group(1));
                    json.name("code").value(call.group(2));
                    json.name("count").value(Long.parseLong(call.group(3))).endObject();
                }
            }
            json.endArray().name("gauges").beginObject();
            for (String line : text.lines().toList()) {
                Matcher gauge = GAUGE.matcher(line);
                if (gauge.matches()) {
                    json.name(gauge.group(1)).value(Long.parseLong(gauge.group(2)));
                }
            }
            json.endObject().endObject();
        });
    }

    private String fetch() {
        HttpRequest request = HttpRequest.newBuilder(page).timeout(PATIENCE).build();
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != Answer.OK) {
                    throw away("it answered with status " + response.statusCode(), null);
                }
                return new String(body.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
            }
        } catch (IOException failed) {
            throw away(failed.toString(), failed);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw away("the console is ending", ended);
        }
    }

    private FleetException away(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new FleetException(
                "CON-113",
                "the AECS's metrics page " + page + " cannot be read",
                why,
                "give the AECS a metricsPort and name its page: --aecs-metrics http://HOST:PORT/metrics",
                cause);
    }
}
