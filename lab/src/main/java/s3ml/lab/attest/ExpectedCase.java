package s3ml.lab.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import s3ml.attest.Collateral;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// One case of an `expected.json`: evidence, and what Intel's library says of it.
///
/// @param folder that the paths in it are relative to
/// @param object as it is written
record ExpectedCase(Path folder, JsonObject object) {
    /// Reads a folder's cases.
    ///
    /// @throws S3mlException `LAB-110` when it cannot be read
    static List<ExpectedCase> read(Path folder) {
        byte[] json = bytes(folder.resolve("expected.json"));
        if (!(Json.parse(json) instanceof JsonArray array)) {
            throw new S3mlException(
                    "LAB-110", "could not read the cases", "expected.json is no array", "name a folder of vectors");
        }
        return array.objects().stream()
                .map(object -> new ExpectedCase(folder, object))
                .toList();
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new S3mlException(
                    "LAB-110", "could not read the cases", String.valueOf(e), "name a folder of vectors", e);
        }
    }

    byte[] quote() {
        return bytes(folder.resolve(object.string("quote")));
    }

    /// From one JSON file, or from a folder of files.
    Collateral collateral() {
        Path path = folder.resolve(object.string("collateral"));
        return Files.isDirectory(path)
                ? Collateral.fromFolder(path)
                : Collateral.parse(new String(bytes(path), StandardCharsets.UTF_8));
    }

    Set<Digest> roots() {
        return Set.of(Digest.of(bytes(folder.resolve(object.string("root")))));
    }

    Instant at() {
        return Instant.ofEpochSecond(object.number("at"));
    }

    boolean intelAccepts() {
        return object.object("intel").bool("ok");
    }

    String intelStatus() {
        return object.object("intel").optionalString("status").orElse("");
    }

    Set<String> intelAdvisories() {
        return object.object("intel")
                .optionalArray("advisoryIds")
                .map(JsonArray::strings)
                .map(Set::copyOf)
                .orElse(Set.of());
    }

    /// What the report says of a case: its input, without the expected verdicts.
    JsonObject.Builder named() {
        JsonObject.Builder named = JsonObject.builder();
        for (String member : List.of("quote", "collateral", "root", "at", "mutation")) {
            JsonValue value = object.members().get(member);
            if (value != null) {
                named.put(member, value);
            }
        }
        return named;
    }
}
