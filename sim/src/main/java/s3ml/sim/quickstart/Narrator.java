package s3ml.sim.quickstart;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Tells the steps of the quickstart as they are done, for people, and remembers how long each took.
final class Narrator {
    private final PrintWriter out;
    private final List<Step> steps = new ArrayList<>();
    private long began = System.nanoTime();

    Narrator(PrintWriter out) {
        this.out = out;
    }

    /// A finished step.
    record Step(String name, double seconds) {}

    void say(String text) {
        out.println(text);
        out.flush();
    }

    /// Ends a step: its duration is counted from the end of the one before.
    ///
    /// @param title what was done, in a few words
    /// @param details who proved what to whom, a line each
    void done(String name, String title, String... details) {
        long now = System.nanoTime();
        Step step = new Step(name, (now - began) / 1e9);
        began = now;
        steps.add(step);
        out.printf(Locale.ROOT, "%n[%d] %-9s %5.1f s  %s%n", steps.size(), name, step.seconds(), title);
        for (String detail : details) {
            out.println("      " + detail);
        }
        out.flush();
    }

    List<Step> steps() {
        return List.copyOf(steps);
    }
}
