package s3ml.client.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Class names by index, from where people have them.
final class Labels {
    private static final String IN_MODEL = "label_map.txt";

    /// The same bound as in a package: 10,000 names.
    private static final int MAX_BYTES = 1 << 20;

    private Labels() {}

    /// One name a line in a file, or names separated by commas.
    static List<String> of(String fileOrNames) {
        return Files.isRegularFile(Path.of(fileOrNames))
                ? lines(OwnerFiles.read(Path.of(fileOrNames)))
                : Arrays.stream(fileOrNames.split(",")).map(String::strip).toList();
    }

    /// The names that TFLite's metadata appends to a model as a zip archive; empty if there are none.
    static List<String> inside(Path model) {
        try (ZipFile archive = new ZipFile(model.toFile())) {
            ZipEntry entry = archive.getEntry(IN_MODEL);
            if (entry == null) {
                return List.of();
            }
            byte[] bytes = archive.getInputStream(entry).readNBytes(MAX_BYTES);
            return lines(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException ignored) {
            // Most models carry no archive; a file that cannot be read at all is reported when it is packed.
            return List.of();
        }
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }
}
