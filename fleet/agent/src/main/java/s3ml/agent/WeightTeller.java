package s3ml.agent;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import s3ml.wire.fleet.Scrape;

/// Tells model servers their weight where their page shows that they know another or none: because it changed, or they
/// were started anew, or could not be told before. Called by the thread that samples, which it never keeps waiting.
///
/// Each server is told by a thread of its own, so that one which does not answer keeps nobody else waiting, and by one
/// at
/// a time, so that it does not collect them.
final class WeightTeller {
    /// How long one is left alone that did not take its weight: it may be of a release that does not know of weights.
    private static final long PAUSE_NANOS = 10_000_000_000L;

    /// By server, when it may be told next; absent: at once.
    private final Map<Scrape, Long> notBefore = new ConcurrentHashMap<>();

    private final Set<Scrape> busy = ConcurrentHashMap.newKeySet();

    /// Tells one server, unless it knows.
    ///
    /// @param server without its weight
    /// @param known what its page says
    /// @param wanted 0 to 1000
    void tell(Scrape server, OptionalInt known, int wanted, long nowNanos) {
        if (known.isPresent() && known.getAsInt() == wanted) {
            return;
        }
        Long pause = notBefore.get(server);
        if ((pause != null && nowNanos - pause < 0) || !busy.add(server)) {
            return;
        }
        Thread.startVirtualThread(() -> {
            try {
                if (MetricsPort.uri(server, "/weight")
                        .filter(uri -> put(uri, wanted))
                        .isPresent()) {
                    notBefore.remove(server);
                } else {
                    notBefore.put(server, nowNanos + PAUSE_NANOS);
                }
            } finally {
                busy.remove(server);
            }
        });
    }

    /// Forgets all others.
    void keep(Set<Scrape> servers) {
        notBefore.keySet().retainAll(servers);
    }

    private static boolean put(URI uri, int weight) {
        try {
            HttpURLConnection connection = MetricsPort.connection(uri);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestMethod("PUT");
            connection.setDoOutput(true);
            try (OutputStream body = connection.getOutputStream()) {
                body.write(Integer.toString(weight).getBytes(StandardCharsets.US_ASCII));
            }
            try {
                return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            } finally {
                connection.disconnect();
            }
        } catch (IOException unreachable) {
            return false;
        }
    }
}
