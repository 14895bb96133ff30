package s3ml.lab.paging;

import static s3ml.lab.report.Figures.text;

import java.util.ArrayList;
import java.util.List;
import s3ml.lab.plot.Chart;
import s3ml.lab.plot.Series;
import s3ml.lab.report.Section;

/// The predictors of several models, for a report.
///
/// @param models at least one
public record PredictorTable(List<Row> models) {
    public PredictorTable {
        models = List.copyOf(models);
    }

    /// Of one model.
    ///
    /// @param model its name
    /// @param predictors one per signal, in the same order for all models
    public record Row(String model, List<Predictor> predictors) {
        public Row {
            predictors = List.copyOf(predictors);
        }
    }

    /// A row for each signal of each model.
    public Section.Table table() {
        List<List<String>> cells = new ArrayList<>();
        for (Row row : models) {
            for (Predictor predictor : row.predictors()) {
                cells.add(List.of(
                        row.model(),
                        predictor.name(),
                        text("%.2f", predictor.precision()),
                        text("%.2f", predictor.recall()),
                        text("%.2f", predictor.spearman()),
                        text("%.1f", predictor.threshold()),
                        text("%.1f to %.1f", predictor.low(), predictor.high())));
            }
        }
        return new Section.Table(
                List.of("model", "signal", "precision", "recall", "Spearman", "threshold", "interval"), cells);
    }

    /// F1 by model, a series for each signal.
    public Chart f1() {
        List<Series> series = new ArrayList<>();
        for (int s = 0; s < models.getFirst().predictors().size(); s++) {
            int signal = s;
            series.add(Series.bars(
                    models.getFirst().predictors().get(signal).name(),
                    models.stream()
                            .mapToDouble(row -> row.predictors().get(signal).f1())
                            .toArray()));
        }
        return Chart.bars(
                "F1 on held-out runs", "F1", models.stream().map(Row::model).toList(), series);
    }
}
