package s3ml.client.verify;

import java.util.List;
import java.util.Set;
import s3ml.attest.Digest;
import s3ml.attest.Measurement;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// The measurements which a release published: `reference-values.json`, written by `s3ml reference-values`.
///
/// ```
/// {"format": "s3ml reference values 1", "version": "0.1.0",
///  "enclaves": [{"name": "aecs", "rule": "...", "measurement": "HEX", ...}], "files": [{"path", "sha256"}]}
/// ```
///
/// Only the enclaves' names and measurements are read here; who wants to trust the file checks its signature first.
/// Codes: `CLI-210` a file of another form.
public final class ReferenceValues {
    private static final String FORMAT = "s3ml reference values 1";
    private static final Set<String> MEMBERS = Set.of("format", "version", "simulated", "enclaves", "files");

    private final String text;
    private final List<Enclave> enclaves;

    private ReferenceValues(String text, List<Enclave> enclaves) {
        this.text = text;
        this.enclaves = List.copyOf(enclaves);
    }

    private record Enclave(String name, Measurement measurement) {}

    /// Reads the document.
    ///
    /// @throws S3mlException `CLI-210`
    public static ReferenceValues parse(String text) {
        try {
            JsonObject json = Json.parseObject(text).onlyMembers(MEMBERS);
            if (!json.string("format").equals(FORMAT)) {
                throw new IllegalArgumentException("its format is \"" + json.string("format") + "\"");
            }
            List<Enclave> enclaves = json.array("enclaves").objects().stream()
                    .map(enclave ->
                            new Enclave(enclave.string("name"), Measurement.parse(enclave.string("measurement"))))
                    .toList();
            return new ReferenceValues(text, enclaves);
        } catch (S3mlException | IllegalArgumentException e) {
            throw new S3mlException(
                    "CLI-210",
                    "cannot read the reference values",
                    String.valueOf(e.getMessage()),
                    "use the reference-values.json of a release",
                    e);
        }
    }

    /// The whole document.
    public String text() {
        return text;
    }

    /// SHA-256 of the document, which names it in reports.
    Digest digest() {
        return Digest.of(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /// Measurements published for enclaves of that name.
    List<Measurement> of(String enclave) {
        return enclaves.stream()
                .filter(known -> known.name().equals(enclave))
                .map(Enclave::measurement)
                .toList();
    }
}
