package s3ml.aecs.endpoint;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts calls by outcome, and their time, for the metrics. Thread-safe.
public final class Counters {
    private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> nanos = new ConcurrentHashMap<>();

    void called(String call, String code, long tookNanos) {
        calls.computeIfAbsent("call=\"" + call + "\",code=\"" + code + "\"", key -> new LongAdder())
                .increment();
        nanos.computeIfAbsent("call=\"" + call + "\"", key -> new LongAdder()).add(tookNanos);
    }

    /// Prometheus text lines.
    void write(StringBuilder out) {
        out.append("# HELP s3ml_aecs_calls_total Calls by outcome.\n# TYPE s3ml_aecs_calls_total counter\n");
        new TreeMap<>(calls)
                .forEach((labels, count) -> out.append("s3ml_aecs_calls_total{")
                        .append(labels)
                        .append("} ")
                        .append(count.sum())
                        .append('\n'));
        out.append("# HELP s3ml_aecs_call_seconds_total Time spent in calls.\n");
        out.append("# TYPE s3ml_aecs_call_seconds_total counter\n");
        new TreeMap<>(nanos)
                .forEach((labels, sum) -> out.append("s3ml_aecs_call_seconds_total{")
                        .append(labels)
                        .append("} ")
                        .append(sum.sum() / 1e9)
                        .append('\n'));
    }
}
