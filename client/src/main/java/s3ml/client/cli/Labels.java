package s3ml.client.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Class names by index, from where people have them.
final class Labels {
    private Labels() {}

    /// One name a line in a file, or names separated by commas.
    static List<String> of(String fileOrNames) {
        return Files.isRegularFile(Path.of(fileOrNames))
                ? lines(OwnerFiles.read(Path.of(fileOrNames)))
                : Arrays.stream(fileOrNames.split(",")).map(String::strip).toList();
    }

    /// A blank line is a class without a name: leaving it out would shift all after it.
    private static List<String> lines(String text) {
        return text.lines().map(String::strip).toList();
    }
}
