package s3ml.protocol.trace;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.random.RandomGenerator;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// Appends spans to a file, one OTLP/JSON `resourceSpans` a line: what the OpenTelemetry Collector's `otlpjsonfile`
/// receiver reads. Spans hold identifiers, times, names and codes; nothing else.
///
/// A file needs no exporter, no SDK and no connection inside the enclave. Spans that the file is too slow for are
/// dropped, so that a host which does not read costs no request. Thread-safe.
public final class SpanFile implements AutoCloseable {
    private static final int WAITING = 1024;
    private static final int KIND_SERVER = 2;
    private static final int KIND_CLIENT = 3;
    private static final int STATUS_OK = 1;
    private static final int STATUS_ERROR = 2;
    private static final String END = "";

    private final String service;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Optional<Thread> writer;

    /// @param file empty: no spans
    /// @param service who writes here, as OpenTelemetry's `service.name`
    /// @param random makes identifiers of spans
    public SpanFile(Optional<Path> file, String service, InstantSource clock, RandomGenerator random) {
        this.service = service;
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

    /// Begins a trace of its own, for something that this process asks of another. It is recorded if there is a file.
    public Span root(String name) {
        TraceParent fresh = TraceParent.fresh(random);
        return new Span(
                name,
                KIND_CLIENT,
                new TraceParent(fresh.traceId(), fresh.spanId(), writer.isPresent()),
                Optional.empty());
    }

    /// Begins the answer to a caller. It is recorded if the caller records and there is a file.
    public Span under(TraceParent caller, String name) {
        return new Span(name, KIND_SERVER, caller.child(random), Optional.of(caller));
    }

    /// Something that began; one of the ends writes it. For one thread at a time.
    public final class Span {
        private final String name;
        private final int kind;
        private final TraceParent context;
        private final Optional<TraceParent> parent;
        private final List<JsonValue> attributes = new ArrayList<>();
        private final Instant began = clock.instant();

        private Span(String name, int kind, TraceParent context, Optional<TraceParent> parent) {
            this.name = name;
            this.kind = kind;
            this.context = context;
            this.parent = parent;
        }

        /// This span, for handing on to whom it calls.
        public TraceParent context() {
            return context;
        }

        /// Adds an attribute.
        public Span with(String key, String value) {
            attributes.add(attribute(key, value));
            return this;
        }

        /// It succeeded.
        public void end() {
            write(JsonObject.builder().put("code", STATUS_OK).build());
        }

        /// It failed with that code.
        public void end(String code) {
            write(JsonObject.builder()
                    .put("code", STATUS_ERROR)
                    .put("message", code)
                    .build());
        }

        private void write(JsonObject status) {
            if (writer.isPresent() && context.sampled()) {
                // Refused when the file is too slow: that span is dropped.
                boolean unused = waiting.offer(Json.write(document(status)));
            }
        }

        private JsonObject document(JsonObject status) {
            JsonObject.Builder span =
                    JsonObject.builder().put("traceId", context.traceId()).put("spanId", context.spanId());
            parent.ifPresent(caller -> span.put("parentSpanId", caller.spanId()));
            span.put("name", name)
                    .put("kind", kind)
                    .put("startTimeUnixNano", nanos(began))
                    .put("endTimeUnixNano", nanos(clock.instant()))
                    .put("attributes", new JsonArray(attributes))
                    .put("status", status);
            JsonObject scope = JsonObject.builder()
                    .put("scope", JsonObject.builder().put("name", "s3ml").build())
                    .put("spans", new JsonArray(List.of(span.build())))
                    .build();
            JsonObject resource = JsonObject.builder()
                    .put("attributes", new JsonArray(List.of(attribute("service.name", service))))
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
