package s3ml.lab.emulated;

import static s3ml.lab.report.Figures.text;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.lab.paging.PredictorTable;
import s3ml.lab.plot.Chart;
import s3ml.lab.report.Section;

/// The offline analysis of real models as a section of a report.
public final class ProfilesSection {
    private ProfilesSection() {}

    /// Runs all models, one after the other.
    ///
    /// @param runs of each model, at least 16
    /// @param seconds measured per run
    /// @param folder where the runs are kept, so that the same call goes on where it stopped
    /// @param people are told how far it is
    public static Section run(int runs, int seconds, long seed, Path folder, PrintWriter people)
            throws IOException, InterruptedException {
        OfflineAnalysis.Effort effort = OfflineAnalysis.Effort.usual(runs, seconds, seed);
        return of(
                ProfilesCommand.run(List.of(VisionModel.values()), effort, folder, people),
                text("./s3ml lab profiles --runs %d --seconds %d --seed %d", runs, seconds, seed));
    }

    static Section of(List<ModelAnalysis> analyses, String command) {
        List<JsonValue> data = new ArrayList<>();
        List<Section.Claim> claims = new ArrayList<>();
        Map<String, Chart> charts = new TreeMap<>();
        for (ModelAnalysis analysis : analyses) {
            data.add(analysis.json());
            claims.add(analysis.claim());
            charts.put(analysis.subject().name() + "-p99-against-paging", analysis.scatter());
        }
        PredictorTable table = new PredictorTable(analyses.stream()
                .map(analysis -> new PredictorTable.Row(analysis.subject().name(), analysis.predictors()))
                .toList());
        charts.put("profiles", table.f1());
        return new Section(
                "Which signal predicts it on real servers",
                command,
                "As the predictor's table, from real servers of real models on an emulated host, whose pages are real work of"
                        + " this machine's processors. Fewer runs than in the simulator, so half of them tells less.",
                table.table(),
                charts,
                claims,
                JsonObject.builder().put("models", new JsonArray(data)).build());
    }
}
