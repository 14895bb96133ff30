package s3ml.sim.cli;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveMeasurement;
import s3ml.sim.loader.EnclaveSpec;

/// `s3ml measure`: the measurement that the simulated platform will give an enclave of this build.
@Command(
        name = "measure",
        description =
                "Print the SIMULATED measurement of a built enclave, which a policy names to trust this very build.",
        mixinStandardHelpOptions = true)
final class MeasureCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ENCLAVE", description = "${COMPLETION-CANDIDATES}")
    private Distribution.Kind kind = Distribution.Kind.SERVER;

    @Option(
            names = "--data",
            paramLabel = "NAME=FILE",
            description = "a measured data file of the enclave, for example aecs-policy.json=policy.json")
    private Map<String, Path> data = new LinkedHashMap<>();

    @Option(names = "--list", description = "print every measured item too: two builds are compared by diff")
    private boolean list;

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private MeasureCommand() {}

    @Override
    public Integer call() {
        EnclaveSpec enclave = Distribution.at(Home.folder()).spec(kind);
        for (Map.Entry<String, Path> file : data.entrySet()) {
            enclave = enclave.withData(file.getKey(), file.getValue());
        }
        EnclaveMeasurement measurement = EnclaveMeasurement.of(enclave);
        if (json) {
            JsonObject.Builder document = JsonObject.builder()
                    .put("simulated", true)
                    .put("enclave", kind.name().toLowerCase(Locale.ROOT))
                    .put("mrEnclave", measurement.mrEnclave().hex())
                    .put("mrTd", HexFormat.of().formatHex(measurement.mrTd()));
            if (list) {
                document.put(
                        "items", JsonArray.ofStrings(measurement.text().lines().toList()));
            }
            spec.commandLine().getOut().println(Json.write(document.build()));
        } else {
            if (list) {
                spec.commandLine().getOut().print(measurement.text());
            }
            spec.commandLine()
                    .getErr()
                    .println("SIMULATED measurement (MRENCLAVE) of this build's "
                            + kind.name().toLowerCase(Locale.ROOT) + ":");
            spec.commandLine().getOut().println(measurement.mrEnclave().hex());
        }
        spec.commandLine().getOut().flush();
        return 0;
    }
}
