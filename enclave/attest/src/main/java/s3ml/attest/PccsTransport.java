package s3ml.attest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The HTTP part of the collateral client: one request, one bounded answer.
///
/// A plain `http` address without a client of the caller's, which is what an enclave gets, goes over
/// [HttpURLConnection]: [HttpClient] would load 340 classes more and start threads of its own, in protected memory, for
/// a few requests in a day.
final class PccsTransport {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    /// A service that is overloaded or restarts is asked once more; a cache in front covers longer outages.
    private static final int ATTEMPTS = 2;

    private final URI base;
    private final @Nullable HttpClient http;
    private final @Nullable String key;

    PccsTransport(URI base, @Nullable HttpClient http, @Nullable String key) {
        String scheme = String.valueOf(base.getScheme());
        if ((!scheme.equals("http") && !scheme.equals("https")) || base.getHost() == null) {
            throw new S3mlException(
                    "ATT-302",
                    "could not use the PCCS",
                    "\"" + base + "\" is not the address of one",
                    "name it like https://localhost:8081");
        }
        String text = base.toString();
        this.base = URI.create(text.endsWith("/") ? text : text + "/");
        this.http = http == null && scheme.equals("https") ? client() : http;
        this.key = key;
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    PccsTransport withKey(String subscriptionKey) {
        return new PccsTransport(base, http, subscriptionKey);
    }

    boolean isIntel() {
        return base.getHost().endsWith(".trustedservices.intel.com");
    }

    Answer get(String path, String... query) {
        StringBuilder text = new StringBuilder(path);
        char separator = '?';
        for (String part : query) {
            if (!part.isEmpty()) {
                text.append(separator).append(part);
                separator = '&';
            }
        }
        return get(base.resolve(text.toString()));
    }

    Answer get(URI uri) {
        S3mlException last = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                Answer answer = http == null ? plainly(uri) : over(http, uri);
                if (answer.status == 200) {
                    return answer;
                }
                last = refused(uri, answer.status);
                if (answer.status < 500) {
                    throw last;
                }
            } catch (IOException e) {
                last = new S3mlException(
                        "ATT-302",
                        "could not fetch the collateral",
                        uri + ": " + e,
                        "check that the PCCS runs and can be reached",
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new S3mlException(
                        "ATT-302", "could not fetch the collateral", uri + ": interrupted", "try again", e);
            }
        }
        throw last == null ? refused(uri, 0) : last;
    }

    private Answer over(HttpClient client, URI uri) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(ANSWER).GET();
        if (key != null && isIntel() && uri.getHost().equals(base.getHost())) {
            request.header("Ocp-Apim-Subscription-Key", key);
        }
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        return new Answer(
                response.statusCode(),
                bounded(response.body(), uri),
                name -> response.headers().firstValue(name).orElse(null));
    }

    /// Without the subscription key, which does not travel in the clear.
    private static Answer plainly(URI uri) throws IOException {
        if (!(uri.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection connection)) {
            throw new IOException("not an HTTP address");
        }
        connection.setConnectTimeout((int) CONNECT.toMillis());
        connection.setReadTimeout((int) ANSWER.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        try {
            int status = connection.getResponseCode();
            InputStream body = status == 200 ? connection.getInputStream() : InputStream.nullInputStream();
            return new Answer(status, bounded(body, uri), connection::getHeaderField);
        } finally {
            connection.disconnect();
        }
    }

    private static byte[] bounded(InputStream in, URI uri) throws IOException {
        try (in) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(in.readNBytes(Collateral.LARGEST_PIECE));
            if (in.read() >= 0) {
                throw new S3mlException(
                        "ATT-304",
                        "could not fetch the collateral",
                        uri + " answers with more than " + Collateral.LARGEST_PIECE + " bytes",
                        "check that the address is that of a PCCS");
            }
            return out.toByteArray();
        }
    }

    private static S3mlException refused(URI uri, int status) {
        String why = switch (status) {
            case 400 -> "the request is malformed for this service";
            case 401, 403 -> "the service wants a subscription key";
            case 404 -> "the service knows no such platform or document";
            case 410 -> "the collateral of that evaluation number is retired";
            case 460 -> "the service could not verify the platform's registration";
            case 461 -> "the platform is unknown";
            case 462 -> "there is no certificate for the platform's TCB";
            case 502 -> "the service could not reach Intel's";
            case 503 -> "the service is overloaded";
            default -> "unexpected";
        };
        return new S3mlException(
                "ATT-302",
                "could not fetch the collateral",
                uri + " answered " + status + " (" + why + ")",
                "check the PCCS and whether the platform is registered there");
    }

    /// The value of the first header of a name.
    private interface Headers {
        @Nullable
        String first(String name);
    }

    /// A body and its headers.
    static final class Answer {
        private final int status;
        private final byte[] body;
        private final Headers headers;

        private Answer(int status, byte[] body, Headers headers) {
            this.status = status;
            this.body = body;
            this.headers = headers;
        }

        byte[] body() {
            return body;
        }

        /// The certificates in the first of the named headers that is there, percent-decoded.
        String chain(String... names) {
            for (String name : names) {
                String value = headers.first(name);
                if (value != null) {
                    return percentDecoded(value);
                }
            }
            throw new S3mlException(
                    "ATT-304",
                    "could not fetch the collateral",
                    "the answer lacks the header " + String.join(" or ", names),
                    "check that the address is that of a PCCS of API version 4");
        }
    }

    /// Only %XX: a plus sign is part of base64, not a space.
    static String percentDecoded(String text) {
        byte[] out = new byte[text.length()];
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%' && i + 2 < text.length()) {
                int value = Character.digit(text.charAt(i + 1), 16) << 4 | Character.digit(text.charAt(i + 2), 16);
                if (value >= 0) {
                    out[count++] = (byte) value;
                    i += 2;
                    continue;
                }
            }
            out[count++] = (byte) c;
        }
        return new String(out, 0, count, StandardCharsets.UTF_8);
    }
}
