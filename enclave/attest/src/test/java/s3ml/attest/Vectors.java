package s3ml.attest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// The folder of real, mutated and synthetic evidence with the verdicts of Intel's library. It is not part of the
/// repository: `S3ML_VECTORS` (a property or an environment variable) names it, or it lies beside the repository.
final class Vectors {
    private Vectors() {}

    static Optional<Path> folder() {
        String named = System.getProperty("S3ML_VECTORS", System.getenv("S3ML_VECTORS"));
        Path folder = named == null ? Path.of("../../../shared/vectors") : Path.of(named);
        return Files.exists(folder.resolve("expected.json")) ? Optional.of(folder) : Optional.empty();
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Case> cases(Path folder) {
        byte[] json = read(folder.resolve("expected.json"));
        String wrapped = "{\"cases\":" + new String(json, StandardCharsets.UTF_8) + "}";
        return Json.parseObject(wrapped).array("cases").objects().stream()
                .map(object -> new Case(folder, object))
                .toList();
    }

    /// One case of `expected.json`.
    record Case(Path folder, JsonObject object) {
        String name() {
            return object.string("quote") + " with " + object.string("collateral") + " at " + object.number("at");
        }

        EvidenceCase evidence() {
            String collateral = new String(file("collateral"), StandardCharsets.UTF_8);
            return new EvidenceCase(
                    name(),
                    file("quote"),
                    Collateral.parse(collateral),
                    Set.of(Digest.of(file("root"))),
                    Instant.ofEpochSecond(object.number("at")));
        }

        private byte[] file(String member) {
            return read(folder.resolve(object.string(member)));
        }

        JsonObject intel() {
            return object.object("intel");
        }
    }
}
