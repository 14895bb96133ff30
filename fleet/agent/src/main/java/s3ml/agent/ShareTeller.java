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

/// Tells model servers their share of the load where their page shows that they know quite another or none: because it
/// changed, or they were started anew, or could not be told before. Called by the thread that samples, which it never
/// keeps waiting.
///
/// Each server is told by a thread of its own, so that one which does not answer keeps nobody else waiting, and by one
/// at a time, so that it does not collect them.
///
/// One weight that changes changes the share of every server of the model. Changes too small to matter are not told, so
/// that not all of them ask connections to go each time. They are measured from what the server shows, and so add up.
final class ShareTeller {
    /// How long one is left alone that did not take its share: it may be of a release that does not know of shares.
    private static final long PAUSE_NANOS = 10_000_000_000L;

    /// A change of at most this part of the larger share is too small: a fiftieth.
    private static final int SMALL_PART = 50;

    /// By server, when it may be told next; absent: at once.
    private final Map<Scrape, Long> notBefore = new ConcurrentHashMap<>();

    private final Set<Scrape> busy = ConcurrentHashMap.newKeySet();

    /// Tells one server, unless it knows.
    ///
    /// @param server without its share
    /// @param known what its page says
    /// @param wanted in millionths
    void tell(Scrape server, OptionalInt known, int wanted, long nowNanos) {
        if (known.isPresent() && isNear(known.getAsInt(), wanted)) {
            return;
        }
        Long pause = notBefore.get(server);
        if ((pause != null && nowNanos - pause < 0) || !busy.add(server)) {
            return;
        }
        Thread.startVirtualThread(() -> {
            try {
                if (MetricsPort.uri(server, "/share")
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

    /// Whether one may stand for the other. What is parked is near to nothing else.
    static boolean isNear(int known, int wanted) {
        boolean parked = known == 0 || wanted == 0;
        return parked ? known == wanted : (long) SMALL_PART * Math.abs(known - wanted) <= Math.max(known, wanted);
    }

    private static boolean put(URI uri, int share) {
        try {
            HttpURLConnection connection = MetricsPort.connection(uri);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestMethod("PUT");
            connection.setDoOutput(true);
            try (OutputStream body = connection.getOutputStream()) {
                body.write(Integer.toString(share).getBytes(StandardCharsets.US_ASCII));
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
