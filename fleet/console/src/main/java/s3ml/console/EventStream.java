package s3ml.console;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/// Server-sent events to one page, packed as they go. Runs in the thread of its connection until the page leaves.
final class EventStream {
    /// A page that hears nothing for three of these connects again.
    private static final Duration BEAT = Duration.ofSeconds(5);

    private static final int BUFFER = 16 << 10;
    private static final int RETRY_MILLIS = 1000;

    private EventStream() {}

    static void run(HttpExchange exchange, FleetFeed feed) throws IOException {
        Optional<Subscription> opened = feed.subscribe();
        if (opened.isEmpty()) {
            Answer.refuse(
                    exchange,
                    Answer.UNAVAILABLE,
                    "CON-108",
                    "CON-108: no further page: " + FleetFeed.MOST_PAGES + " are open; close one");
            return;
        }
        Subscription page = opened.get();
        try {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            boolean packed = PageFiles.acceptsGzip(exchange);
            if (packed) {
                exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            }
            exchange.sendResponseHeaders(Answer.OK, 0);
            try (OutputStream plain = exchange.getResponseBody();
                    OutputStream out = packed ? new GZIPOutputStream(plain, BUFFER, true) : plain) {
                write(out, "retry: " + RETRY_MILLIS + "\n\n");
                while (!page.isClosed()) {
                    Subscription.Event event = page.next(BEAT).orElse(new Subscription.Event("beat", "{}"));
                    write(out, "event: " + event.name() + "\ndata: " + event.data() + "\n\n");
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        } finally {
            feed.unsubscribe(page);
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
