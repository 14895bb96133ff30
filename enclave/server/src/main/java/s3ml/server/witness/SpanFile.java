package s3ml.server.witness;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.server.engine.Answer;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.TraceContext;

/// Appends a span for each inference whose caller records it, one OTLP/JSON `resourceSpans` a line: what the
/// OpenTelemetry Collector's `otlpjsonfile` receiver reads. Holds identifiers, times, model and code; nothing else.
///
/// A file needs no exporter, no SDK and no connection inside the enclave. Spans that the file is too slow for are
/// dropped, so that a host which does not read costs no request. Thread-safe.
public final class SpanFile implements AutoCloseable {
    private static final int WAITING = 1024;
    private static final int SPAN_KIND_SERVER = 2;
    private static final int STATUS_OK = 1;
    private static final int STATUS_ERROR = 2;
    private static final String END = "";

    private final InstantSource clock;
    private final RandomGenerator random;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Optional<Thread> writer;

    /// @param file empty: no spans
    /// @param random makes identifiers of spans
    public SpanFile(Optional<Path> file, InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
        this.writer =
                file.map(path -> Thread.ofPlatform().daemon().name("spans").start(() -> write(path)));
    }

    private void write(Path path) {
        try (Writer out = Files.newBufferedWriter(
                path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = waiting.take(); !line.equals(END); line = waiting.take()) {
                out.write(line);
                out.write('\n');
                out.flush();
            }
        } catch (IOException unwritable) {
            // The queue fills and spans are dropped: tracing is the host's loss, and no reason to stop serving.
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /// Notes when the answer comes.
    Answer watch(ModelName model, TraceContext trace, Answer answer) {
        if (writer.isEmpty()) {
            return answer;
        }
        Instant began = clock.instant();
        return new Answer() {
            @Override
            public void succeed(InferenceResult result) {
                note(model, trace, began, null);
                answer.succeed(result);
            }

            @Override
            public void refuse(RequestRefused refused) {
                note(model, trace, began, refused);
                answer.refuse(refused);
            }

            @Override
            public boolean abandoned() {
                return answer.abandoned();
            }
        };
    }

    private void note(ModelName model, TraceContext trace, Instant began, @Nullable RequestRefused refused) {
        // Refused when the file is too slow: that span is dropped.
        boolean unused = waiting.offer(Json.write(document(model, trace, began, refused)));
    }

    private JsonObject document(ModelName model, TraceContext trace, Instant began, @Nullable RequestRefused refused) {
        JsonObject.Builder status = JsonObject.builder().put("code", refused == null ? STATUS_OK : STATUS_ERROR);
        if (refused != null) {
            status.put("message", refused.fault().code());
        }
        JsonObject span = JsonObject.builder()
                .put("traceId", trace.traceId())
                .put("spanId", HexFormat.of().toHexDigits(random.nextLong()))
                .put("parentSpanId", trace.parentId())
                .put("name", "infer")
                .put("kind", SPAN_KIND_SERVER)
                .put("startTimeUnixNano", nanos(began))
                .put("endTimeUnixNano", nanos(clock.instant()))
                .put(
                        "attributes",
                        new JsonArray(List.of(
                                attribute("s3ml.model", model.name()), attribute("s3ml.version", model.version()))))
                .put("status", status.build())
                .build();
        JsonObject scope = JsonObject.builder()
                .put("scope", JsonObject.builder().put("name", "s3ml").build())
                .put("spans", new JsonArray(List.of(span)))
                .build();
        JsonObject resource = JsonObject.builder()
                .put("attributes", new JsonArray(List.of(attribute("service.name", "s3ml-server"))))
                .build();
        return JsonObject.builder()
                .put(
                        "resourceSpans",
                        new JsonArray(List.of(JsonObject.builder()
                                .put("resource", resource)
                                .put("scopeSpans", new JsonArray(List.of(scope)))
                                .build())))
                .build();
    }

    /// 64-bit numbers are texts in protobuf's JSON form.
    private static String nanos(Instant at) {
        return Long.toString(at.getEpochSecond() * 1_000_000_000L + at.getNano());
    }

    private static JsonObject attribute(String key, String value) {
        return JsonObject.builder()
                .put("key", key)
                .put("value", JsonObject.builder().put("stringValue", value).build())
                .build();
    }

    /// Writes what waits, then ends.
    @Override
    public void close() {
        writer.ifPresent(thread -> {
            boolean unused = waiting.offer(END);
            try {
                thread.join(1000);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
