package s3ml.console;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import s3ml.policy.FleetException;

/// Asks the control plane once a tick while a page is open, and tells every page what changed. Thread-safe; one thread,
/// until closed.
final class FleetFeed implements AutoCloseable {
    /// Each open page holds a connection and a thread.
    static final int MOST_PAGES = 32;

    private final FleetSource source;
    private final Duration interval;
    private final InstantSource clock;
    private final Thread thread;
    private final Set<Subscription> pages = new LinkedHashSet<>();
    private @Nullable Picture last;
    private @Nullable String away;
    private boolean closed;

    private FleetFeed(FleetSource source, Duration interval, InstantSource clock) {
        this.source = source;
        this.interval = interval;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("fleet-feed").unstarted(this::run);
    }

    static FleetFeed start(FleetSource source, Duration interval, InstantSource clock) {
        FleetFeed feed = new FleetFeed(source, interval, clock);
        feed.thread.start();
        return feed;
    }

    /// Opens a page's feed, beginning with all that is known; empty when [#MOST_PAGES] are open.
    synchronized Optional<Subscription> subscribe() {
        if (pages.size() >= MOST_PAGES || closed) {
            return Optional.empty();
        }
        Subscription page = new Subscription(this::whole);
        pages.add(page);
        whole().ifPresent(page::offer);
        awayEvent().ifPresent(page::offer);
        notifyAll();
        return Optional.of(page);
    }

    synchronized void unsubscribe(Subscription page) {
        pages.remove(page);
        page.close();
    }

    private synchronized Optional<Subscription.Event> whole() {
        return Optional.ofNullable(last).map(picture -> new Subscription.Event("fleet", picture.whole()));
    }

    private Optional<Subscription.Event> awayEvent() {
        return Optional.ofNullable(away).map(why -> new Subscription.Event("away", why));
    }

    private void run() {
        try {
            while (awaitPage()) {
                look();
                Thread.sleep(interval);
            }
        } catch (InterruptedException ended) {
            // Closed.
        }
    }

    private synchronized boolean awaitPage() throws InterruptedException {
        while (pages.isEmpty() && !closed) {
            wait();
        }
        return !closed;
    }

    private void look() {
        try {
            Picture now = Picture.of(source.explain());
            publish(now);
        } catch (FleetException failed) {
            lost(failed);
        }
    }

    private synchronized void publish(Picture now) {
        Subscription.Event event = new Subscription.Event("fleet", last == null ? now.whole() : now.since(last));
        last = now;
        away = null;
        pages.forEach(page -> page.offer(event));
    }

    private synchronized void lost(FleetException failed) {
        if (away == null) {
            away = Answer.document(json -> json.beginObject()
                    .name("code")
                    .value(failed.code())
                    .name("message")
                    .value(String.valueOf(failed.getMessage()))
                    .name("since")
                    .value(clock.millis())
                    .endObject());
        }
        awayEvent().ifPresent(event -> pages.forEach(page -> page.offer(event)));
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            pages.forEach(Subscription::close);
            notifyAll();
        }
        thread.interrupt();
    }
}
