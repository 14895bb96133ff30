package s3ml.lab.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One measurement of the console in a browser.
final class ConsoleRun {
    private static final int TICK_MILLIS = 1000;
    private static final int FAST_TICK_MILLIS = 100;
    /// More than the page remembers of a host: its memory is as large as it will be.
    private static final int WARM_UPDATES = 150;

    private static final int FLEET_OF_MEMORY_RUN = 100;
    private static final double KILO = 1000;

    private final Options options;
    private final Path folder;
    private final List<String> errors = new ArrayList<>();

    /// What is measured.
    ///
    /// @param hosts of the fleet
    /// @param updates whose work is measured
    /// @param memoryUpdates between two looks at the memory
    /// @param axe text of axe.min.js, where it is there
    /// @param screenshots where pictures go
    record Options(int hosts, int updates, int memoryUpdates, Optional<String> axe, Optional<Path> screenshots) {}

    /// What came out.
    ///
    /// @param firstPaintMs from the start of a cold navigation to the first content on the screen
    /// @param transferredKb packed, all files and the whole fleet once
    /// @param updateMs main thread's work for an update, the worst second of all
    /// @param meanUpdateMs the same, mean
    /// @param heapGrowthKb of the page's live memory over `memoryUpdates`, after it was full
    record Figures(
            double firstPaintMs,
            double transferredKb,
            double updateMs,
            double meanUpdateMs,
            double heapGrowthKb,
            List<String> axeViolations,
            List<String> browserErrors) {}

    private ConsoleRun(Options options, Path folder) {
        this.options = options;
        this.folder = folder;
    }

    static Figures measure(Options options, Path folder) throws IOException, InterruptedException {
        return new ConsoleRun(options, folder).measure();
    }

    private Figures measure() throws IOException, InterruptedException {
        double[] load;
        double[] work;
        List<String> violations = new ArrayList<>();
        Path large = Files.createDirectories(folder.resolve("large"));
        try (SyntheticFleet fleet = SyntheticFleet.start(large, options.hosts(), TICK_MILLIS);
                LoggedAecs aecs = LoggedAecs.start(Files.createDirectories(folder.resolve("aecs")));
                ConsoleProcess console =
                        ConsoleProcess.start(fleet, 0, "--aecs=" + aecs.target(), "--aecs-metrics=" + aecs.metrics());
                Chromium browser = Chromium.start();
                BrowserPage page = browser.newPage()) {
            aecs.release(20);
            aecs.refuse();
            ConsoleUser user = new ConsoleUser(page, console.url());
            user.signIn(SyntheticFleet.TOKEN);
            user.awaitLive();
            page.withoutCache();
            load = load(page, user, console.url());
            work = work(page, user);
            options.axe().ifPresent(axe -> violations.addAll(user.violations(axe)));
            options.screenshots().ifPresent(where -> pictures(page, user, where));
            errors.addAll(page.takeErrors());
        }
        double growth = options.memoryUpdates() > 0 ? heapGrowth() : 0;
        return new Figures(load[0], load[1], work[0], work[1], growth, violations, errors);
    }

    /// First paint and bytes of a cold load.
    private static double[] load(BrowserPage page, ConsoleUser user, String url) {
        page.open("about:blank");
        page.takeReceived();
        page.open(url);
        user.awaitLive();
        user.show(ConsoleUser.View.HOSTS);
        double paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
                .getAsDouble();
        return new double[] {paint, page.takeReceived() / KILO};
    }

    /// Worst and mean work of the main thread per update.
    private double[] work(BrowserPage page, ConsoleUser user) {
        double worst = 0;
        double total = 0;
        long first = user.updates();
        long before = first;
        double spent = page.metric("TaskDuration");
        while (before - first < options.updates()) {
            Pause.millis(TICK_MILLIS);
            double now = page.metric("TaskDuration");
            long updates = user.updates();
            if (updates > before) {
                worst = Math.max(worst, (now - spent) * KILO / (updates - before));
                total += (now - spent) * KILO;
                before = updates;
            }
            spent = now;
        }
        return new double[] {worst, total / (before - first)};
    }

    static void pictures(BrowserPage page, ConsoleUser user, Path where) {
        for (ConsoleUser.View view : ConsoleUser.View.values()) {
            user.show(view);
            String name = view.name().toLowerCase(java.util.Locale.ROOT);
            page.screenshot(where.resolve(name + ".png"));
            page.scheme(true);
            page.screenshot(where.resolve(name + "-dark.png"));
            page.scheme(false);
            page.resize(390, 844, true);
            page.screenshot(where.resolve(name + "-phone.png"));
            page.resize(1280, 900, false);
        }
    }

    private double heapGrowth() throws IOException, InterruptedException {
        Path small = Files.createDirectories(folder.resolve("small"));
        try (SyntheticFleet fleet = SyntheticFleet.start(small, FLEET_OF_MEMORY_RUN, FAST_TICK_MILLIS);
                ConsoleProcess console = ConsoleProcess.start(fleet, 0, "--interval-millis=" + FAST_TICK_MILLIS);
                Chromium browser = Chromium.start();
                BrowserPage page = browser.newPage()) {
            ConsoleUser user = new ConsoleUser(page, console.url());
            user.signIn(SyntheticFleet.TOKEN);
            user.awaitLive();
            awaitUpdates(user, WARM_UPDATES);
            long before = page.liveHeap();
            awaitUpdates(user, WARM_UPDATES + options.memoryUpdates());
            long after = page.liveHeap();
            errors.addAll(page.takeErrors());
            return (after - before) / KILO;
        }
    }

    private static void awaitUpdates(ConsoleUser user, long updates) {
        Duration patience = Duration.ofMillis(20_000 + updates * FAST_TICK_MILLIS * 4);
        Pause.until(updates + " updates", patience, () -> {
            Pause.millis(200);
            return user.updates() >= updates;
        });
    }
}
