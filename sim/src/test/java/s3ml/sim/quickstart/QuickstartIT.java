package s3ml.sim.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.sim.cli.S3mlSim;

/// `s3ml quickstart` as a user runs it.
final class QuickstartIT {
    private static final long PATIENCE_SECONDS = 180;

    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void a_failed_test_leaves_no_process_either() throws InterruptedException {
        for (Process process : started) {
            process.destroy();
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private Process quickstart(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                // A build that runs in the background ignores Ctrl-C, and its children would inherit that.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.awt.headless=true",
                "-Ds3ml.home=" + Path.of("..").toAbsolutePath().normalize(),
                "-cp",
                System.getProperty("java.class.path"),
                S3mlSim.class.getName(),
                "quickstart",
                "--dir",
                folder.resolve("run").toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectOutput(out().toFile())
                .redirectError(err().toFile())
                .start();
        started.add(process);
        return process;
    }

    private Path out() {
        return folder.resolve("out");
    }

    private Path err() {
        return folder.resolve("err");
    }

    @Test
    void once_it_detects_cube_and_ball_by_both_protocols_and_survives_the_loss_of_a_replica() throws Exception {
        Process process = quickstart("--once", "--json");
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

        assertThat(process.exitValue()).as(Files.readString(err())).isZero();
        JsonObject report = Json.parseObject(Files.readString(out()));
        assertThat(report.members().keySet())
                .containsExactly("simulated", "steps", "detections", "failover", "secondsToFirstDetection");
        assertThat(report.bool("simulated")).isTrue();
        assertThat(report.array("detections").objects())
                .extracting(found -> found.string("protocol") + " " + found.string("label"))
                .contains("rest cube", "rest ball", "grpc cube", "grpc ball");
        assertThat(report.object("failover").number("requestsAfter")).isPositive();
        assertThat(report.object("failover").number("errors")).isZero();
        assertThat(Files.readAllLines(err()).getFirst()).startsWith("SIMULATED");
        assertThat(folder.resolve("run/detections.png")).exists();
    }

    @Test
    void what_it_prints_can_be_pasted_and_Ctrl_C_leaves_no_process_behind() throws Exception {
        Process process = quickstart();
        String said = awaitText("Running until Ctrl-C");
        List<ProcessHandle> children = process.descendants().toList();

        assertThat(paste(said, "curl --cacert.*/v2/models/detector$")).contains("\"detector\"");
        assertThat(paste(said, "curl --cacert.*/infer (?s:.*?)request\\.bin$")).contains("outputs");
        assertThat(paste(said, "\\S*/bin/java (?s:.*?)Detect\\.java$")).contains("cube", "ball");

        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(children).hasSizeGreaterThanOrEqualTo(3).noneMatch(ProcessHandle::isAlive);
    }

    private String awaitText(String text) throws Exception {
        Instant end = Instant.now().plus(Duration.ofSeconds(PATIENCE_SECONDS));
        while (Instant.now().isBefore(end)) {
            String said = Files.readString(err());
            if (said.contains(text)) {
                return said;
            }
            Thread.sleep(200);
        }
        throw new AssertionError(Files.readString(err()));
    }

    /// Runs the command that matches, as a shell would.
    private String paste(String said, String pattern) throws Exception {
        Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(said);
        assertThat(matcher.find()).as(pattern).isTrue();
        File output = folder.resolve("pasted").toFile();
        Process process = new ProcessBuilder("sh", "-c", matcher.group())
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return Files.readString(output.toPath());
    }
}
