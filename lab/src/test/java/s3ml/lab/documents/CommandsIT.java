package s3ml.lab.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every command that a document shows is run as it stands, or is at least one that exists.
final class CommandsIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /// In the order of reading: the README starts the quickstart that the others use.
    private static final List<String> READING =
            List.of("README.md", "docs/data-owner.md", "docs/model-owner.md", "docs/how-to.md", "docs/operator.md");

    private static final Pattern INLINE = Pattern.compile("`(\\./s3ml [^`\n]+)`");

    @Test
    void every_block_of_commands_runs_as_it_stands_and_prints_what_is_shown(@TempDir Path folder) throws Exception {
        List<String> documents = new ArrayList<>(READING);
        documents().stream().filter(document -> !READING.contains(document)).forEach(documents::add);
        int run = 0;
        try (Reader reader = new Reader(ROOT, folder)) {
            for (String document : documents) {
                List<Block> blocks = blocks(document);
                if (blocks.stream().anyMatch(block -> block.runs() || block.isBackground())) {
                    assertThat(reader.follow(document, blocks)).isEmpty();
                }
                run += (int) blocks.stream().filter(Block::runs).count();
            }
        }

        assertThat(run).isGreaterThan(15);
    }

    @Test
    void each_block_says_how_it_is_run_and_no_command_stands_in_one_that_does_not() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String document : documents()) {
            for (Block block : blocks(document)) {
                boolean commands = !block.commands().isEmpty();
                if (block.isCommands()
                        ? !block.isUnderstood()
                        : commands && !block.language().equals("output")) {
                    wrong.add(document + ":" + block.line() + " " + block.language() + " " + block.mark());
                }
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void each_command_that_is_shown_exists_with_its_options() throws IOException {
        KnownCommands known = new KnownCommands(ROOT.resolve("s3ml"));
        List<String> wrong = new ArrayList<>();
        for (String document : documents()) {
            List<String> commands = new ArrayList<>();
            blocks(document).stream()
                    .filter(Block::isCommands)
                    .map(Block::commands)
                    .forEach(commands::addAll);
            Matcher inline = INLINE.matcher(Files.readString(ROOT.resolve(document)));
            while (inline.find()) {
                commands.add(inline.group(1));
            }
            for (String command : commands) {
                known.fault(command).ifPresent(fault -> wrong.add(document + ": " + command + ": " + fault));
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void a_command_or_an_option_that_does_not_exist_is_noticed() throws IOException {
        KnownCommands known = new KnownCommands(ROOT.resolve("s3ml"));

        assertThat(known.fault("./s3ml quickstart --once")).isEmpty();
        assertThat(known.fault("./s3ml quickstart --twice")).isPresent();
        assertThat(known.fault("./s3ml lab first-light --json")).isEmpty();
        assertThat(known.fault("./s3ml lab first-lite")).isPresent();
        assertThat(known.fault("./s3ml quickstat")).isPresent();
    }

    @Test
    void shown_lines_must_be_printed_in_their_order() {
        List<String> said = List.of("one 17", "two", "three");

        assertThat(Reader.firstMissing(List.of("one …", "three"), said)).isEmpty();
        assertThat(Reader.firstMissing(List.of("three", "two"), said)).isEqualTo("two");
        assertThat(Reader.firstMissing(List.of("one …", "four"), said)).isEqualTo("four");
    }

    private static List<Block> blocks(String document) throws IOException {
        return Block.of(Files.readAllLines(ROOT.resolve(document)));
    }

    /// All of them but the generated ones and those of other people's code.
    private static List<String> documents() throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.map(path -> ROOT.relativize(path).toString())
                    .filter(path -> path.endsWith(".md"))
                    .filter(path ->
                            !path.contains("target/") && !path.startsWith(".") && !path.startsWith("docs/reference"))
                    .sorted()
                    .toList();
        }
    }
}
