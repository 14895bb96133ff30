package s3ml.sim.cli;

import java.nio.file.Path;

/// The root of the tree that a command runs from, as the launcher names it.
final class Home {
    private Home() {}

    static Path folder() {
        return Path.of(System.getProperty("s3ml.home", "."));
    }
}
