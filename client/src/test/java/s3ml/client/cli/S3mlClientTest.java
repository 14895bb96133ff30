package s3ml.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import s3ml.client.image.Pictures;
import s3ml.protocol.Release;

final class S3mlClientTest {
    @TempDir
    private Path folder;

    @Test
    void every_command_prints_its_usage() {
        for (List<String> path : paths(List.of(), S3mlClient.commandLine())) {
            List<String> arguments = new ArrayList<>(path);
            arguments.add("--help");

            Shell help = Shell.run(arguments.toArray(String[]::new));

            assertThat(help.status()).as("%s", path).isZero();
            assertThat(help.out()).as("%s", path).contains("Usage: s3ml");
        }
    }

    @Test
    void every_command_that_has_the_option_prints_the_version() {
        int asked = 0;
        for (List<String> path : paths(List.of(), S3mlClient.commandLine())) {
            CommandLine command = S3mlClient.commandLine();
            for (String name : path) {
                command = Objects.requireNonNull(command.getSubcommands().get(name));
            }
            if (command.getCommandSpec().findOption("-V") == null) {
                continue;
            }
            List<String> arguments = new ArrayList<>(path);
            arguments.add("-V");

            assertThat(Shell.run(arguments.toArray(String[]::new)))
                    .as("%s", path)
                    .isEqualTo(new Shell(0, "S3ML " + Release.VERSION + System.lineSeparator(), ""));
            asked++;
        }
        assertThat(asked).isGreaterThan(3);
    }

    @Test
    void wrong_usage_is_status_2_and_nothing_on_stdout() {
        assertThat(Shell.run("model", "pack", "--json").status()).isEqualTo(2);
        assertThat(Shell.run("model", "pack", "--json").out()).isEmpty();
        assertThat(Shell.run("nonsense").status()).isEqualTo(2);
        assertThat(Shell.run("infer", "--model=m", "--image=i").err()).contains("--endpoint");
    }

    @Test
    void a_file_that_is_no_picture_is_refused() throws IOException {
        Path text = Files.writeString(folder.resolve("picture.png"), "not a picture");

        Shell inferred = infer(text, "127.0.0.1:1");

        assertThat(inferred.status()).isEqualTo(2);
        assertThat(inferred.json().object("error").string("code")).isEqualTo("CLI-132");
    }

    @Test
    void a_policy_that_does_not_exist_is_a_failure_in_three_parts() {
        Path picture = folder.resolve("picture.png");
        Pictures.writePng(new BufferedImage(10, 10, BufferedImage.TYPE_INT_RGB), picture);

        Shell inferred = infer(picture, "127.0.0.1:1");

        assertThat(inferred.status()).isEqualTo(1);
        assertThat(inferred.json().object("error").string("message")).matches("CLI-140: .+: .+; .+");
    }

    private Shell infer(Path picture, String aecs) {
        return Shell.run(
                "infer",
                "--image=" + picture,
                "--model=m",
                "--endpoint=127.0.0.1:1",
                "--service=s",
                "--aecs=" + aecs,
                "--aecs-policy=" + folder.resolve("absent.json"),
                "--collateral=" + folder,
                "--json");
    }

    private static List<List<String>> paths(List<String> path, CommandLine command) {
        List<List<String>> all = new ArrayList<>();
        all.add(path);
        command.getSubcommands().forEach((name, subcommand) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            all.addAll(paths(longer, subcommand));
        });
        return all;
    }
}
