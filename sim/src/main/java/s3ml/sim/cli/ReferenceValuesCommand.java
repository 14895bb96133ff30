package s3ml.sim.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.protocol.Release;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveMeasurement;
import s3ml.sim.loader.EnclaveSpec;

/// `s3ml reference-values`: what a release publishes about itself, and `s3ml verify --reference-values` reads.
///
/// The measurements are those of the simulated platform, whose rule [EnclaveMeasurement] states. A TEE's own
/// measurement of the same files also covers the library OS and its manifest: whoever builds the TEE image adds it.
///
/// Codes: `SIM-115` the file cannot be written.
@Command(
        name = "reference-values",
        description = {
            "Write reference-values.json: the digest of every file that is measured, and each enclave's measurement.",
            "The server's measurement covers the policy for its AECS: name it, or only the AECS is written."
        },
        mixinStandardHelpOptions = true)
final class ReferenceValuesCommand implements Callable<Integer> {
    private static final String RULE = "s3ml simulated enclave v1";
    private static final String AECS_POLICY = "aecs-policy.json";

    /// A line of the measured text which names a file.
    private static final Pattern FILE = Pattern.compile("(\\S+) (.+) ([0-9a-f]{64})");

    @Option(names = "--out", paramLabel = "FILE", description = "where it goes (default: standard output)")
    private @Nullable Path out;

    @Option(
            names = "--aecs-policy",
            paramLabel = "FILE",
            description = "the AECS policy that is measured into the model server")
    private @Nullable Path aecsPolicy;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private ReferenceValuesCommand() {}

    @Override
    public Integer call() {
        Distribution distribution = Distribution.at(Home.folder());
        Map<String, String> files = new TreeMap<>();
        List<JsonValue> enclaves = new ArrayList<>();
        enclaves.add(enclave(Distribution.Kind.AECS, distribution.spec(Distribution.Kind.AECS), files));
        if (aecsPolicy != null) {
            EnclaveSpec server = distribution.spec(Distribution.Kind.SERVER).withData(AECS_POLICY, aecsPolicy);
            enclaves.add(enclave(Distribution.Kind.SERVER, server, files));
        }
        List<JsonValue> digests = new ArrayList<>();
        files.forEach((path, digest) -> digests.add(
                JsonObject.builder().put("path", path).put("sha256", digest).build()));
        String text = Json.writePretty(JsonObject.builder()
                        .put("format", "s3ml reference values 1")
                        .put("version", Release.VERSION)
                        .put("simulated", true)
                        .put("enclaves", new JsonArray(enclaves))
                        .put("files", new JsonArray(digests))
                        .build())
                + "\n";
        write(text);
        return 0;
    }

    /// Its measurement, and its files among all files: `group/name`, or for what is not shared `enclave/group/name`.
    private static JsonObject enclave(Distribution.Kind kind, EnclaveSpec enclave, Map<String, String> files) {
        String name = kind.name().toLowerCase(Locale.ROOT);
        EnclaveMeasurement measurement = EnclaveMeasurement.of(enclave);
        List<String> settings = new ArrayList<>();
        for (String line : measurement.text().lines().skip(1).toList()) {
            Matcher file = FILE.matcher(line);
            if (file.matches()) {
                String path = file.group(1) + "/" + file.group(2);
                String before = files.putIfAbsent(path, file.group(3));
                if (before != null && !before.equals(file.group(3))) {
                    files.put(name + "/" + path, file.group(3));
                }
            } else {
                settings.add(line);
            }
        }
        return JsonObject.builder()
                .put("name", name)
                .put("rule", RULE)
                .put("measurement", measurement.mrEnclave().hex())
                .put("settings", JsonArray.ofStrings(settings))
                .build();
    }

    private void write(String text) {
        if (out == null) {
            spec.commandLine().getOut().print(text);
            spec.commandLine().getOut().flush();
            return;
        }
        try {
            Files.writeString(out, text, StandardCharsets.UTF_8);
            spec.commandLine().getErr().println("wrote " + out);
        } catch (IOException e) {
            throw new S3mlException(
                    "SIM-115", "could not write the reference values", out + ": " + e, "name another file", e);
        }
    }
}
