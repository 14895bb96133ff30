package s3ml.lab.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What SECURITY.md claims is tested by what it says.
final class ClaimsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /// `ATest`, `ATest.a_sentence`, or `.another_sentence` of the class that was named before.
    private static final Pattern NAME = Pattern.compile("`(?:([A-Z]\\w*(?:Test|IT|Fuzz|Properties)))?(?:\\.(\\w+))?`");

    private static final Pattern METHOD = Pattern.compile("\\bvoid (\\w+)\\(");

    @Test
    void each_test_that_SECURITY_names_exists() throws IOException {
        Map<String, List<String>> tests = tests();
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (String line : Files.readAllLines(ROOT.resolve("SECURITY.md"))) {
            String of = "";
            Matcher name = NAME.matcher(line);
            while (name.find()) {
                of = name.group(1) == null ? of : name.group(1);
                if (of.isEmpty()) {
                    continue;
                }
                named++;
                List<String> methods = tests.get(of);
                boolean there = methods != null && (name.group(2) == null || methods.contains(name.group(2)));
                if (!there) {
                    missing.add(of + (name.group(2) == null ? "" : "." + name.group(2)));
                }
            }
        }

        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(40);
    }

    @Test
    void each_row_of_a_table_of_attacks_names_a_test() throws IOException {
        List<String> without = new ArrayList<>();
        boolean attacks = false;
        for (String line : Files.readAllLines(ROOT.resolve("SECURITY.md"))) {
            if (!line.startsWith("|")) {
                attacks = false;
            } else if (line.startsWith("| attack |") || line.startsWith("| who |")) {
                attacks = true;
            } else if (attacks
                    && !line.startsWith("|---")
                    && !NAME.matcher(line).find()) {
                without.add(line);
            }
        }

        assertThat(without).isEmpty();
    }

    @Test
    void each_row_of_a_table_of_attacks_says_what_remains() throws IOException {
        List<String> without = new ArrayList<>();
        int columns = 0;
        for (String line : Files.readAllLines(ROOT.resolve("SECURITY.md"))) {
            String[] cells = line.split("\\|", -1);
            if (!line.startsWith("|")) {
                columns = 0;
            } else if (line.startsWith("| attack |") || line.startsWith("| who |")) {
                columns = line.endsWith("| what remains |") ? cells.length : -1;
            }
            boolean told = cells.length == columns && !cells[cells.length - 2].isBlank();
            if (columns != 0 && !told) {
                without.add(line);
            }
        }

        assertThat(without).isEmpty();
    }

    private static Map<String, List<String>> tests() throws IOException {
        Map<String, List<String>> tests = new TreeMap<>();
        try (Stream<Path> all = Files.walk(ROOT)) {
            for (Path file : all.filter(path -> path.toString().contains("/src/test/java/")
                            && path.toString().endsWith(".java"))
                    .toList()) {
                List<String> methods = new ArrayList<>();
                Matcher method = METHOD.matcher(Files.readString(file));
                while (method.find()) {
                    methods.add(method.group(1));
                }
                // Two modules may have a test of one name.
                String name = file.getFileName().toString().replace(".java", "");
                tests.computeIfAbsent(name, unused -> new ArrayList<>()).addAll(methods);
            }
        }
        return tests;
    }
}
