package s3ml.server.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import s3ml.server.engine.ModelStatistics;
import s3ml.server.engine.ServedModel;
import s3ml.server.repository.Serving;
import s3ml.server.steering.Steering;

/// All metrics in Prometheus's text format 0.0.4.
public final class MetricsText {
    private static final double MICROS = 1000.0;
    private static final double SECONDS = 1e9;
    private static final int PAGE = 4096;

    private final Serving serving;
    private final Steering steering;
    private final long began = System.nanoTime();

    public MetricsText(Serving serving, Steering steering) {
        this.serving = serving;
        this.steering = steering;
    }

    /// The text of now.
    public String render() {
        StringBuilder out = new StringBuilder(4096);
        Map<ServedModel, ModelStatistics.Snapshot> models = new LinkedHashMap<>();
        for (ServedModel model : serving.repository().ready()) {
            models.put(model, model.statistics().snapshot());
        }
        requests(out, models);
        durations(out, models);
        histogram(out, models);
        steering(out);
        process(out);
        return out.toString();
    }

    private void requests(StringBuilder out, Map<ServedModel, ModelStatistics.Snapshot> models) {
        family(
                out,
                models,
                "nv_inference_request_success",
                "counter",
                "Number of successful inference requests",
                now -> now.success().count());
        family(
                out,
                models,
                "nv_inference_request_failure",
                "counter",
                "Number of failed inference requests",
                now -> now.failure().count());
        family(
                out,
                models,
                "nv_inference_count",
                "counter",
                "Number of inferences performed, batch elements counted",
                ModelStatistics.Snapshot::inferences);
        family(
                out,
                models,
                "nv_inference_exec_count",
                "counter",
                "Number of model executions",
                now -> now.executions().count());
        head(out, "nv_inference_pending_request_count", "gauge", "Requests that wait for execution");
        models.keySet()
                .forEach(model -> line(
                        out,
                        "nv_inference_pending_request_count",
                        labels(model),
                        serving.engine().waiting(model)));
    }

    private static void durations(StringBuilder out, Map<ServedModel, ModelStatistics.Snapshot> models) {
        family(
                out,
                models,
                "nv_inference_request_duration_us",
                "counter",
                "Cumulative request time",
                now -> now.success().nanos() / MICROS);
        family(
                out,
                models,
                "nv_inference_queue_duration_us",
                "counter",
                "Cumulative time in the queue",
                now -> now.queueNanos() / MICROS);
        family(
                out,
                models,
                "nv_inference_compute_input_duration_us",
                "counter",
                "Cumulative time to fill inputs",
                now -> now.executions().inputNanos() / MICROS);
        family(
                out,
                models,
                "nv_inference_compute_infer_duration_us",
                "counter",
                "Cumulative time in the model",
                now -> now.executions().inferNanos() / MICROS);
        family(
                out,
                models,
                "nv_inference_compute_output_duration_us",
                "counter",
                "Cumulative time to read outputs",
                now -> now.executions().outputNanos() / MICROS);
    }

    private static void histogram(StringBuilder out, Map<ServedModel, ModelStatistics.Snapshot> models) {
        String name = "s3ml_inference_request_duration_seconds";
        head(out, name, "histogram", "Time from a request's arrival to its answer");
        models.forEach((model, now) -> {
            long sum = 0;
            long[] buckets = now.histogram();
            for (int i = 0; i < buckets.length; i++) {
                sum += buckets[i];
                String bound = i == buckets.length - 1 ? "+Inf" : Double.toString(ModelStatistics.bound(i) / SECONDS);
                line(out, name + "_bucket", labels(model) + ",le=\"" + bound + "\"", (double) sum);
            }
            line(out, name + "_sum", labels(model), now.success().nanos() / SECONDS);
            line(out, name + "_count", labels(model), (double) sum);
        });
    }

    private void steering(StringBuilder out) {
        // Agents see by its absence that a server does not know its share.
        head(
                out,
                "s3ml_told_share",
                "gauge",
                "This server's share of its model's load, in millionths, as the host told it last");
        steering.told()
                .ifPresent(share -> out.append("s3ml_told_share ").append(share).append('\n'));
        head(
                out,
                "s3ml_connections_asked_to_go_total",
                "counter",
                "Connections whose clients were asked to go because the server's share fell");
        out.append("s3ml_connections_asked_to_go_total ")
                .append(steering.askedToGo())
                .append('\n');
    }

    private void process(StringBuilder out) {
        head(out, "s3ml_server_ready", "gauge", "1 when every wanted model answers");
        out.append("s3ml_server_ready ").append(serving.isReady() ? 1 : 0).append('\n');
        head(out, "process_resident_memory_bytes", "gauge", "Resident memory");
        out.append("process_resident_memory_bytes ").append(residentBytes()).append('\n');
        head(out, "jvm_heap_used_bytes", "gauge", "Java heap in use");
        out.append("jvm_heap_used_bytes ")
                .append(Runtime.getRuntime().totalMemory()
                        - Runtime.getRuntime().freeMemory())
                .append('\n');
        head(out, "process_uptime_seconds", "gauge", "Time since the process began");
        out.append("process_uptime_seconds ").append(uptimeSeconds()).append('\n');
    }

    // The management beans would load some hundred classes for one number.
    private double uptimeSeconds() {
        return (System.nanoTime() - began) / SECONDS;
    }

    /// 0 where there is no `/proc`, as in some library operating systems.
    private static long residentBytes() {
        try {
            List<String> fields = List.of(Files.readString(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", -1));
            return Long.parseLong(fields.get(1)) * PAGE;
        } catch (IOException | RuntimeException absent) {
            return 0;
        }
    }

    private static void family(
            StringBuilder out,
            Map<ServedModel, ModelStatistics.Snapshot> models,
            String name,
            String type,
            String help,
            ToDoubleFunction<ModelStatistics.Snapshot> value) {
        head(out, name, type, help);
        models.forEach((model, now) -> line(out, name, labels(model), value.applyAsDouble(now)));
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static String labels(ServedModel model) {
        return "model=\"" + model.spec().name().name() + "\",version=\""
                + model.spec().name().version() + "\"";
    }

    private static void line(StringBuilder out, String name, String labels, double value) {
        out.append(name).append('{').append(labels).append("} ");
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            out.append((long) value);
        } else {
            out.append(value);
        }
        out.append('\n');
    }
}
