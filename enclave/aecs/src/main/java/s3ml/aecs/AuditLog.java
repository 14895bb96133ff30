package s3ml.aecs;

import java.io.PrintStream;
import java.time.InstantSource;
import java.util.List;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.trace.CallTrace;

/// Writes what happened as one JSON object a line, without secrets: who got keys, who was refused and why, who
/// commanded what. The host reads these lines, so they hold nothing that the host must not know. Thread-safe.
public final class AuditLog {
    private final PrintStream out;
    private final InstantSource clock;
    private final boolean simulated;

    /// @param simulated whether this AECS runs on a simulated platform; every line then says so
    public AuditLog(PrintStream out, InstantSource clock, boolean simulated) {
        this.out = out;
        this.clock = clock;
        this.simulated = simulated;
    }

    /// Starts a line about `event`, with the id of the trace that the present call belongs to; [Line#write] ends it.
    public Line event(String level, String event) {
        JsonObject.Builder line = JsonObject.builder()
                .put("time", clock.instant().toString())
                .put("level", level)
                .put("event", event);
        if (simulated) {
            line.put("attestation", "SIMULATED");
        }
        CallTrace.current().ifPresent(trace -> line.put("trace", trace.traceId()));
        return new Line(line);
    }

    /// A line under way.
    public final class Line {
        private final JsonObject.Builder line;

        private Line(JsonObject.Builder line) {
            this.line = line;
        }

        public Line with(String name, String value) {
            line.put(name, value);
            return this;
        }

        public Line with(String name, long value) {
            line.put(name, value);
            return this;
        }

        public Line with(String name, List<String> values) {
            line.put(name, JsonArray.ofStrings(values));
            return this;
        }

        /// Writes the line.
        public void write() {
            String text = Json.write(line.build());
            synchronized (out) {
                out.println(text);
                out.flush();
            }
        }
    }
}
