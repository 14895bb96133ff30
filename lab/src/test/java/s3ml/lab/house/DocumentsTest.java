package s3ml.lab.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import s3ml.lab.reference.ReferencePages;

/// Documents say what is: generated pages are those of this code, and links lead somewhere.
final class DocumentsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\n]*`");

    @Test
    void reference_pages_are_those_that_the_code_makes() throws IOException {
        for (Map.Entry<String, String> page : ReferencePages.of(ROOT).entrySet()) {
            Path file = ROOT.resolve("docs/reference").resolve(page.getKey());

            assertThat(file).exists();
            assertThat(Files.readString(file))
                    .as(file + " is stale: run ./s3ml lab reference")
                    .isEqualTo(page.getValue());
        }
    }

    @Test
    void links_within_the_repository_lead_to_files_and_headings_that_are_there() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            Matcher link = LINK.matcher(CODE.matcher(Files.readString(document)).replaceAll(""));
            while (link.find()) {
                String target = link.group(1);
                if (!target.matches("[a-z]+:.*") && !leads(document, target)) {
                    broken.add(ROOT.relativize(document) + " -> " + target);
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    @Test
    void no_document_holds_the_marks_of_an_unfinished_merge() throws IOException {
        for (Path document : documents()) {
            assertThat(Files.readString(document).lines())
                    .as(document.toString())
                    .noneMatch(line -> line.startsWith("<<<<<<< ") || line.startsWith(">>>>>>> "));
        }
    }

    private static boolean leads(Path document, String target) throws IOException {
        int hash = target.indexOf('#');
        String path = hash < 0 ? target : target.substring(0, hash);
        Path file = path.isEmpty() ? document : document.resolveSibling(path).normalize();
        if (!Files.exists(file)) {
            return false;
        }
        if (hash < 0) {
            return true;
        }
        Matcher heading = HEADING.matcher(Files.readString(file));
        while (heading.find()) {
            String anchor = heading.group(1)
                    .toLowerCase(java.util.Locale.ROOT)
                    .replaceAll("[^\\w\\- ]", "")
                    .replace(' ', '-');
            if (anchor.equals(target.substring(hash + 1))) {
                return true;
            }
        }
        return false;
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(path -> path.toString().endsWith(".md"))
                    .filter(path -> !ROOT.relativize(path).toString().contains("target/"))
                    .filter(path -> !ROOT.relativize(path).toString().startsWith("."))
                    .toList();
        }
    }
}
