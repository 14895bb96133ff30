package s3ml.lab.serve;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.server.tflite.FloatFilters;
import s3ml.server.tflite.Interpreter;
import s3ml.server.tflite.ModelBuffer;

/// The model alone, in a loop: what no server can be faster than. A C program over the native library of the server,
/// or, where there is no C compiler, a loop of this process over the same library. Both run what the server makes of
/// the file when it loads it ([FloatFilters]), or the server could look faster than nothing at all.
final class RawModel {
    private final Path folder;
    private final Optional<Path> program;
    private final Map<Path, Path> widened = new HashMap<>();

    private RawModel(Path folder, Optional<Path> program) {
        this.folder = folder;
        this.program = program;
    }

    /// What came of it.
    ///
    /// @param perSecond inferences
    /// @param p50Millis of one
    record Result(double perSecond, double p50Millis) {}

    /// Compiles the program into `folder`.
    ///
    /// @param natives folder of the server's native libraries
    static RawModel prepare(Path folder, Path natives) throws IOException {
        Path source = folder.resolve("raw.c");
        try (InputStream code = Objects.requireNonNull(RawModel.class.getResourceAsStream("raw.c"))) {
            Files.copy(code, source);
        }
        Path program = folder.resolve("raw");
        Path library = natives.resolve("libjnitensorflowlite.so").toAbsolutePath();
        Programs.Outcome compiled = Programs.tryRun(List.of(
                "cc",
                "-O2",
                "-o",
                program.toString(),
                source.toString(),
                library.toString(),
                "-Wl,-rpath," + library.getParent()));
        return new RawModel(folder, compiled.status() == 0 ? Optional.of(program) : Optional.empty());
    }

    /// For the report.
    String kind() {
        return program.isPresent() ? "C program" : "loop over the foreign function interface (no C compiler)";
    }

    /// Runs the model on zeros for a while, after a tenth of it to warm up.
    Result run(Path model, int threads, Duration time) throws IOException {
        if (program.isEmpty()) {
            return loop(Files.readAllBytes(model), threads, time);
        }
        String said = Programs.run(List.of(
                program.get().toString(),
                asServed(model).toString(),
                Integer.toString(threads),
                Double.toString(time.toMillis() / 1000.0)));
        JsonObject figures = Json.parseObject(
                said.lines().filter(line -> line.startsWith("{")).findFirst().orElse("{}"));
        return new Result(number(figures, "perSecond"), number(figures, "p50Ms"));
    }

    private Path asServed(Path model) throws IOException {
        Path known = widened.get(model);
        if (known != null) {
            return known;
        }
        Path file = folder.resolve("raw-" + widened.size() + ".tflite");
        try (ModelBuffer buffer = FloatFilters.widened(buffer(Files.readAllBytes(model)))) {
            Files.write(file, buffer.bytes().toArray(ValueLayout.JAVA_BYTE));
        }
        widened.put(model, file);
        return file;
    }

    private static ModelBuffer buffer(byte[] model) {
        return ModelBuffer.filledBy(arena -> arena.allocate(model.length, 64).copyFrom(MemorySegment.ofArray(model)));
    }

    private static double number(JsonObject figures, String name) {
        return ((JsonNumber) figures.value(name).orElseThrow()).toDouble();
    }

    private static Result loop(byte[] model, int threads, Duration time) {
        List<Long> took = new ArrayList<>();
        try (Interpreter interpreter = Interpreter.open(buffer(model), threads)) {
            interpreter.input(0).fill((byte) 0);
            long warm = System.nanoTime() + time.dividedBy(10).toNanos();
            while (System.nanoTime() < warm) {
                interpreter.invoke();
            }
            long start = System.nanoTime();
            long before = start;
            while (before - start < time.toNanos()) {
                interpreter.invoke();
                long after = System.nanoTime();
                took.add(after - before);
                before = after;
            }
            long[] sorted = took.stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            return new Result(sorted.length * 1e9 / (before - start), sorted[sorted.length / 2] / 1e6);
        }
    }
}
