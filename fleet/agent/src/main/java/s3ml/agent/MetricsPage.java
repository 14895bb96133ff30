package s3ml.agent;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/// A model server's metrics in Prometheus text format, reduced to what the agent needs, per model.
///
/// Untrusted input: lines beyond the limit and lines that do not parse are left out.
///
/// @param models per model name
/// @param toldShare of its model's load, in millionths, that the server knows of itself; empty when it was told none
record MetricsPage(Map<String, ModelNumbers> models, OptionalInt toldShare) {
    private static final int MOST_LINES = 20_000;
    private static final int MOST_MODELS = 256;
    private static final String BUCKET = "s3ml_inference_request_duration_seconds_bucket";

    private static final String TOLD_SHARE = "s3ml_told_share ";

    MetricsPage {
        models = Map.copyOf(models);
    }

    /// The page of a server that knows no share.
    MetricsPage(Map<String, ModelNumbers> models) {
        this(models, OptionalInt.empty());
    }

    /// Cumulative numbers of one model.
    ///
    /// @param requests answered and failed ones
    /// @param pending waiting now
    /// @param buckets answers not slower than each bound, in seconds
    record ModelNumbers(double requests, double pending, Map<Double, Double> buckets) {
        ModelNumbers {
            buckets = java.util.Collections.unmodifiableMap(new TreeMap<>(buckets));
        }

        /// The numbers of several models as if they were one; their buckets have the same bounds.
        static ModelNumbers sum(Collection<ModelNumbers> models) {
            double requests = 0;
            double pending = 0;
            Map<Double, Double> buckets = new TreeMap<>();
            for (ModelNumbers numbers : models) {
                requests += numbers.requests;
                pending += numbers.pending;
                numbers.buckets.forEach((bound, count) -> buckets.merge(bound, count, Double::sum));
            }
            return new ModelNumbers(requests, pending, buckets);
        }
    }

    private static final class Draft {
        private double requests;
        private double pending;
        private final Map<Double, Double> buckets = new TreeMap<>();
    }

    static MetricsPage parse(String text) {
        Map<String, Draft> drafts = new LinkedHashMap<>();
        OptionalInt toldShare = OptionalInt.empty();
        for (String line : (Iterable<String>) text.lines().limit(MOST_LINES)::iterator) {
            if (toldShare.isEmpty() && line.startsWith(TOLD_SHARE)) {
                toldShare = share(line.substring(TOLD_SHARE.length()));
            } else {
                take(line, drafts);
            }
        }
        Map<String, ModelNumbers> models = new LinkedHashMap<>();
        drafts.forEach(
                (name, draft) -> models.put(name, new ModelNumbers(draft.requests, draft.pending, draft.buckets)));
        return new MetricsPage(models, toldShare);
    }

    private static OptionalInt share(String text) {
        double share = value(text);
        return share >= 0 ? OptionalInt.of((int) share) : OptionalInt.empty();
    }

    private static void take(String line, Map<String, Draft> drafts) {
        int open = line.indexOf('{');
        int close = line.lastIndexOf('}');
        if (open <= 0 || close < open || line.charAt(0) == '#') {
            return;
        }
        String labels = line.substring(open + 1, close);
        String model = label(labels, "model");
        double value = value(line.substring(close + 1).strip());
        if (model.isEmpty() || !(value >= 0) || (!drafts.containsKey(model) && drafts.size() >= MOST_MODELS)) {
            return;
        }
        Draft draft = drafts.computeIfAbsent(model, name -> new Draft());
        switch (line.substring(0, open)) {
            case "nv_inference_request_success", "nv_inference_request_failure" -> draft.requests += value;
            case "nv_inference_pending_request_count" -> draft.pending += value;
            case BUCKET -> {
                double bound = value(label(labels, "le"));
                if (bound > 0 && draft.buckets.size() < 256) {
                    draft.buckets.merge(bound, value, Double::sum);
                }
            }
            default -> {
                // Other metrics do not matter here.
            }
        }
    }

    /// The value of a label without escapes; empty when there is none.
    private static String label(String labels, String name) {
        String key = name + "=\"";
        int at = labels.startsWith(key) ? 0 : labels.indexOf("," + key) + 1;
        if (at == 0 && !labels.startsWith(key)) {
            return "";
        }
        int from = at + key.length();
        int to = labels.indexOf('"', from);
        return to < 0 ? "" : labels.substring(from, to);
    }

    private static double value(String text) {
        if (text.equals("+Inf")) {
            return Double.POSITIVE_INFINITY;
        }
        try {
            int end = text.indexOf(' ');
            return text.isEmpty() ? Double.NaN : Double.parseDouble(end < 0 ? text : text.substring(0, end));
        } catch (NumberFormatException broken) {
            return Double.NaN;
        }
    }
}
