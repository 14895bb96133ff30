package s3ml.lab.faults;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.options.JsonOption;

/// `s3ml lab aecs-faults`: what an AECS survives and what it detects, one line for each fault and store.
@Command(
        name = "aecs-faults",
        description = "Kill, stop, cut off, fill and forge an AECS and its storage, and say what was lost and what was"
                + " detected.",
        mixinStandardHelpOptions = true)
public final class AecsFaultsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--histories",
            paramLabel = "N",
            defaultValue = "500",
            description = "random histories in memory (default: ${DEFAULT-VALUE}; more: `lab histories`)")
    private int histories;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "seed of the first history (default: ${DEFAULT-VALUE})")
    private long seed;

    @Mixin
    private EtcdOption etcd = new EtcdOption();

    private AecsFaultsCommand() {}

    @Override
    public Integer call() {
        Optional<Path> server = etcd.server();
        PrintWriter people =
                json.wanted() ? spec.commandLine().getErr() : spec.commandLine().getOut();
        if (server.isEmpty()) {
            people.println("left out: all cases of etcd, because there is no " + etcd.file());
        }
        List<FaultCase> cases = new FaultTable(server, FaultTable.Scope.WHOLE, histories, seed).run(fault -> {
            people.printf(
                    "%-4s %-7s %-60s %6d changes, %d lost: %s%n",
                    fault.ok() ? "ok" : "FAIL",
                    fault.store(),
                    fault.fault(),
                    fault.operations(),
                    fault.acknowledgedLost(),
                    fault.outcome());
            people.flush();
        });
        long failed = cases.stream().filter(fault -> !fault.ok()).count();
        if (json.wanted()) {
            List<JsonValue> lines =
                    cases.stream().map(fault -> (JsonValue) fault.toJson()).toList();
            json.print(JsonObject.builder()
                    .put("cases", new JsonArray(lines))
                    .put("failed", failed)
                    .build());
            spec.commandLine().getOut().flush();
        }
        return failed == 0 ? 0 : 1;
    }
}
