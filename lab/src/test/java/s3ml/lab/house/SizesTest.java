package s3ml.lab.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// STYLE.md's limit on the length of a file, and the exceptions to it, each with its reason.
final class SizesTest {
    /// STYLE.md aims at 300; past this length a file is two things.
    private static final int LONGEST = 400;

    /// Path from the root of the tree, and why the file is longer.
    private static final Map<String, String> EXCEPTIONS = Map.of();

    @Test
    void no_source_file_is_longer_than_the_limit_unless_it_is_named_with_its_reason() throws IOException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        Map<String, Integer> tooLong = new TreeMap<>();

        for (String wing : new String[] {"enclave", "fleet", "client", "sim", "lab"}) {
            collect(root, root.resolve(wing), tooLong);
        }
        tooLong.keySet().removeAll(EXCEPTIONS.keySet());

        assertThat(tooLong).isEmpty();
    }

    private static void collect(Path root, Path wing, Map<String, Integer> tooLong) throws IOException {
        try (Stream<Path> files = Files.walk(wing)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String name = root.relativize(file).toString();
                int lines = Files.readAllLines(file).size();
                if (!name.contains("/target/") && lines > LONGEST) {
                    tooLong.put(name, lines);
                }
            }
        }
    }
}
