package s3ml.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.lab.cli.S3mlLab;

/// `s3ml lab report --short`: emulated EPC, simulator, and real servers as processes.
final class ShortReportIT {
    private static final List<String> COMMANDS =
            List.of("paging", "predictor", "balance", "scale", "interference", "tick");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void the_short_report_has_every_experiment_with_its_command_seed_and_plots_and_tells_which_claims_fail()
            throws Exception {
        StringWriter out = new StringWriter();
        int status = S3mlLab.commandLine()
                .setOut(new PrintWriter(out, true))
                .execute("report", "--short", "--json", "--seed", "3", "--dir", folder.toString());

        assertThat(status).isZero();
        JsonObject answer = Json.parseObject(out.toString());
        List<JsonObject> claims = answer.array("claims").objects();
        assertThat(claims).hasSize(4);
        assertThat(claims)
                .filteredOn(claim -> claim.string("claim").startsWith("without paging"))
                .allMatch(claim -> claim.bool("holds"));
        String markdown = Files.readString(folder.resolve("report.md"));
        for (String command : COMMANDS) {
            assertThat(markdown).contains("`./s3ml lab " + command);
        }
        assertThat(markdown).contains("--seed 3").contains("| oracle |");
        String html = Files.readString(folder.resolve("report.html"));
        assertThat(html.split("<svg", -1)).hasSizeGreaterThanOrEqualTo(COMMANDS.size() + 1);
        assertThat(html).doesNotContain("NaN").doesNotContain("<img");
        for (String figure : List.of("paging-alone", "predictor", "balancing", "scaling", "interference", "tick")) {
            assertThat(folder.resolve("figures/" + figure + ".svg")).isNotEmptyFile();
            assertThat(ImageIO.read(folder.resolve("figures/" + figure + ".png").toFile())
                            .getWidth())
                    .isGreaterThanOrEqualTo(760);
        }
        JsonObject interference = Json.parseObject(Files.readString(folder.resolve("report.json")))
                .object("Real servers on emulated hosts")
                .object("data");
        JsonObject neighbour = interference.array("scenarios").objects().stream()
                .filter(scenario -> scenario.string("name").equals("neighbour"))
                .findFirst()
                .orElseThrow();
        // The pressed host really paged.
        assertThat(neighbour.array("policies").objects())
                .anyMatch(policy ->
                        policy.members().get("pagesPerSecond") instanceof JsonNumber pages && pages.toDouble() > 100);
    }
}
