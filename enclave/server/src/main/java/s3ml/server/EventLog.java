package s3ml.server;

import java.io.PrintStream;
import java.time.InstantSource;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Lease;
import s3ml.protocol.trace.CallTrace;
import s3ml.server.engine.ModelName;
import s3ml.server.repository.ModelRepository;
import s3ml.server.steering.Steering;

/// What happens to this server, one JSON object a line. Never a payload, a key or a peer's address.
public final class EventLog implements ModelRepository.ModelEvents, LeaseKeeper.Outcomes, Steering.Events {
    private final PrintStream out;
    private final InstantSource clock;
    private final boolean simulated;

    EventLog(PrintStream out, InstantSource clock, boolean simulated) {
        this.out = out;
        this.clock = clock;
        this.simulated = simulated;
    }

    /// Starts a line, with the id of the trace that it belongs to.
    JsonObject.Builder event(String level, String name) {
        JsonObject.Builder line = JsonObject.builder()
                .put("time", clock.instant().toString())
                .put("level", level)
                .put("part", "server")
                .put("event", name);
        CallTrace.current().ifPresent(trace -> line.put("trace", trace.traceId()));
        return simulated ? line.put("simulated", true) : line;
    }

    void write(JsonObject.Builder line) {
        out.println(Json.write(line.build()));
    }

    @Override
    public void leased(Lease lease) {
        write(event("info", "leased")
                .put("serial", lease.serial())
                .put("policyEpoch", lease.policyEpoch())
                .put("expiresAt", lease.expiresAt().toString())
                .put("models", lease.models().size()));
    }

    @Override
    public void leaseFailed(S3mlException failure) {
        write(event("error", "no lease")
                .put("code", failure.code())
                .put("message", String.valueOf(failure.getMessage())));
    }

    @Override
    public void loaded(ModelName model, long nanos) {
        write(event("info", "model loaded")
                .put("model", model.name())
                .put("version", model.version())
                .put("milliseconds", nanos / 1_000_000));
    }

    @Override
    public void unloaded(ModelName model) {
        write(event("info", "model unloaded").put("model", model.name()).put("version", model.version()));
    }

    @Override
    public void failed(ModelName model, S3mlException failure) {
        write(event("error", "model not loaded")
                .put("model", model.name())
                .put("version", model.version())
                .put("code", failure.code())
                .put("message", String.valueOf(failure.getMessage())));
    }

    @Override
    public void asked(int before, int share, int connections) {
        write(event("info", "connections asked to go")
                .put("shareMillionthsBefore", before)
                .put("shareMillionths", share)
                .put("connections", connections));
    }
}
