package s3ml.lab.emulated;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.lab.paging.ProbeRun;

/// The runs of an offline analysis, one JSON line each, appended as they end: what is there need not run again.
///
/// @param file the first line says what they are runs of
record RunFile(Path file) {
    /// The runs that are there, by number.
    ///
    /// @param of model, objective, design and seed; another analysis' file is refused with LAB-133
    Map<Integer, ProbeRun> begin(String of) throws IOException {
        Map<Integer, ProbeRun> done = new TreeMap<>();
        if (!Files.exists(file)) {
            Files.writeString(
                    file, Json.write(JsonObject.builder().put("of", of).build()) + "\n");
            return done;
        }
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            JsonObject json;
            try {
                json = Json.parseObject(line);
            } catch (S3mlException cutShort) {
                // The last line of a process that was killed while it wrote.
                continue;
            }
            if (json.members().containsKey("of") && !json.string("of").equals(of)) {
                throw new S3mlException(
                        "LAB-133",
                        "cannot go on with the runs in " + file,
                        "they are of " + json.string("of") + ", not of " + of,
                        "name another folder with --out, or delete that file");
            }
            if (json.members().containsKey("run")) {
                done.put(Math.toIntExact(json.number("run")), read(json));
            }
        }
        return done;
    }

    private static ProbeRun read(JsonObject json) {
        return new ProbeRun(
                number(json, "paging"),
                number(json, "cpu"),
                number(json, "requests"),
                number(json, "queue"),
                number(json, "p99Ms"),
                json.bool("violated"));
    }

    private static double number(JsonObject json, String name) {
        return json.members().get(name) instanceof JsonNumber number ? number.toDouble() : 0;
    }

    void append(int number, ProbeRun run) throws IOException {
        String line = Json.write(JsonObject.builder()
                .put("run", number)
                .put("paging", run.paging())
                .put("cpu", run.cpu())
                .put("requests", run.requests())
                .put("queue", run.queue())
                .put("p99Ms", run.p99Millis())
                .put("violated", run.violated())
                .build());
        Files.writeString(file, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }
}
