package s3ml.lab.emulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonNumber;
import s3ml.lab.paging.Predictor;
import s3ml.lab.paging.ProbeRun;
import s3ml.lab.report.Section;
import s3ml.policy.PagingFit;

final class ModelAnalysisTest {
    private static final ModelAnalysis.Subject SUBJECT =
            new ModelAnalysis.Subject("m", 200, 40, 9000, "./s3ml profile m.tflite");

    @TempDir
    private Path folder = Path.of("");

    /// @param latency of a run by its paging
    private static List<ProbeRun> runs(DoubleUnaryOperator latency) {
        SplittableRandom random = new SplittableRandom(1);
        List<ProbeRun> runs = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            double paging = i % 3 == 0 ? 0 : random.nextDouble() * 10_000;
            double p99 = latency.applyAsDouble(paging);
            runs.add(new ProbeRun(paging, random.nextDouble(), random.nextDouble(), 1, p99, p99 > 200));
        }
        return runs;
    }

    @Test
    void the_rate_at_which_the_objective_breaks_is_found_with_its_interval() {
        ModelAnalysis analysis = ModelAnalysis.of(SUBJECT, runs(paging -> 50 + paging / 20), 1);

        // 50 + 3000 / 20 = 200.
        assertThat(analysis.doubt()).isEmpty();
        assertThat(analysis.profile().members().get("pagingThreshold"))
                .isInstanceOfSatisfying(
                        JsonNumber.class,
                        threshold -> assertThat(threshold.toDouble()).isBetween(2500.0, 3500.0));
        assertThat(analysis.verdict()).contains("breaks at").contains("5th to 95th percentile");
    }

    @Test
    void where_runs_page_much_or_not_at_all_the_threshold_lies_between_and_the_control_plane_takes_it() {
        List<ProbeRun> runs = new ArrayList<>();
        for (int i = 0; i < 48; i++) {
            double paging = i % 3 == 0 ? 0 : 9000 + i;
            runs.add(new ProbeRun(paging, 0.5, 10, 1, paging > 0 ? 400 : 50, paging > 0));
        }

        Predictor paging = ModelAnalysis.of(SUBJECT, runs, 1).predictors().getFirst();

        assertThat(paging.threshold()).isBetween(4000.0, 5000.0);
        assertThat(new PagingFit.Predictive(paging.threshold(), paging.low(), paging.high()))
                .isNotNull();
    }

    @Test
    void models_share_a_table_with_a_row_for_each_signal_a_plot_and_a_claim_for_each_model() {
        ModelAnalysis one = ModelAnalysis.of(SUBJECT, runs(paging -> 50 + paging / 20), 1);
        ModelAnalysis.Subject other = new ModelAnalysis.Subject("n", 200, 40, 9000, "./s3ml profile n.tflite");

        Section section = ProfilesSection.of(
                List.of(one, new ModelAnalysis(other, one.runs(), one.predictors(), Optional.of("why"))), "c");

        assertThat(section.table().rows()).hasSize(8);
        assertThat(section.table().rows().getFirst()).startsWith("m", "paging");
        assertThat(section.charts()).containsOnlyKeys("m-p99-against-paging", "n-p99-against-paging", "profiles");
        assertThat(section.claims()).extracting(Section.Claim::holds).containsExactly(true, false);
    }

    @Test
    void a_model_whose_misses_have_nothing_to_do_with_paging_gets_no_threshold_and_is_told_why() {
        SplittableRandom coin = new SplittableRandom(7);
        ModelAnalysis analysis = ModelAnalysis.of(SUBJECT, runs(paging -> coin.nextInt(3) == 0 ? 400 : 100), 1);

        assertThat(analysis.doubt()).isPresent();
        assertThat(analysis.profile().members()).doesNotContainKey("pagingThreshold");
        assertThat(analysis.verdict()).contains("does NOT predict");
    }

    @Test
    void an_objective_that_is_never_missed_tells_nothing() {
        ModelAnalysis analysis = ModelAnalysis.of(SUBJECT, runs(paging -> 10), 1);

        assertThat(analysis.verdict()).contains("0 of 64 runs missed");
    }

    @Test
    void an_analysis_goes_on_where_it_was_killed_and_not_with_the_runs_of_another() throws IOException {
        RunFile file = new RunFile(folder.resolve("runs.jsonl"));
        ProbeRun run = new ProbeRun(10, 0.5, 20, 1.5, 99, false);
        file.begin("one");
        file.append(0, run);
        file.append(3, run);
        Files.writeString(folder.resolve("runs.jsonl"), "{\"run\":4,\"pag", StandardOpenOption.APPEND);

        assertThat(new RunFile(folder.resolve("runs.jsonl")).begin("one"))
                .containsOnlyKeys(0, 3)
                .containsEntry(3, run);
        assertThatThrownBy(() -> file.begin("other"))
                .isInstanceOf(S3mlException.class)
                .hasMessageContaining("LAB-133");
    }

    @Test
    void objectives_are_written_as_people_write_them() {
        assertThat(Slo.parse("p99<500ms").objective()).isEqualTo(Duration.ofMillis(500));
        assertThat(Slo.parse(" p99 < 2s").objective()).isEqualTo(Duration.ofSeconds(2));
        assertThatThrownBy(() -> Slo.parse("p99<0ms")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Slo.parse("fast")).isInstanceOf(IllegalArgumentException.class);
    }
}
