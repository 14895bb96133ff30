package s3ml.lab.aecs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.options.JsonOption;
import s3ml.lab.faults.EtcdOption;

/// `s3ml lab release`: how many leases an AECS gives in a second, and how long each takes: challenge, appraisal,
/// durable log, sealing.
@Command(
        name = "release",
        description = "Measure key releases per second, their latency, start and memory of the AECS.")
public final class ReleaseCommand implements Callable<Integer> {
    private static final String SQLITE = "sqlite";
    private static final String ETCD = "etcd";

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description =
                    "sqlite: a file of its own; etcd: three nodes of its own, which share all cores but the first; or"
                            + " a store as in aecs.json (for example etcd:127.0.0.1:2379); default: sqlite, and etcd where it"
                            + " was built; several times")
    private List<String> stores = List.of();

    @Mixin
    private EtcdOption etcd = new EtcdOption();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "how long to measure (default ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "4",
            description = "enclaves that ask at the same time (default ${DEFAULT-VALUE})")
    private int clients;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        List<JsonValue> documents = new ArrayList<>();
        for (String store : stores.isEmpty() ? usual() : stores) {
            ReleaseRun.Figures figures = measure(store);
            documents.add(JsonObject.builder()
                    .put("store", figures.store())
                    .put("perSecond", figures.perSecond())
                    .put("p50Ms", figures.p50Millis())
                    .put("p99Ms", figures.p99Millis())
                    .put("startSeconds", figures.startSeconds())
                    .put("residentMb", figures.residentMegabytes())
                    .put("processorMs", figures.processorMillis())
                    .build());
            if (!json.wanted()) {
                spec.commandLine()
                        .getErr()
                        .printf(
                                "%-8s %6.0f releases/s, p50 %.1f ms, p99 %.1f ms, ready in %.2f s, %.0f MB resident, %.2f ms of a core each%n",
                                figures.store(),
                                figures.perSecond(),
                                figures.p50Millis(),
                                figures.p99Millis(),
                                figures.startSeconds(),
                                figures.residentMegabytes(),
                                figures.processorMillis());
            }
        }
        if (json.wanted()) {
            JsonValue document = documents.size() == 1 ? documents.getFirst() : new JsonArray(documents);
            json.print(document);
        }
        return 0;
    }

    private List<String> usual() {
        if (etcd.server().isPresent()) {
            return List.of(SQLITE, ETCD);
        }
        spec.commandLine().getErr().println("left out: etcd, because there is no " + etcd.file());
        return List.of(SQLITE);
    }

    private ReleaseRun.Figures measure(String store) throws Exception {
        if (store.equals(ETCD)) {
            Path server = etcd.server()
                    .orElseThrow(() -> new ParameterException(
                            spec.commandLine(),
                            "there is no " + etcd.file() + "; `./s3ml test` builds it, or name one by --etcd"));
            return ReleaseRun.onEtcd(server, clients, seconds);
        }
        if (store.equals(SQLITE)) {
            return ReleaseRun.onSqlite(clients, seconds);
        }
        if (!store.startsWith("sqlite:") && !store.startsWith("etcd:")) {
            throw new ParameterException(
                    spec.commandLine(), "--store is sqlite, etcd, or as in aecs.json sqlite:FILE or etcd:HOST:PORT");
        }
        return ReleaseRun.on(store, clients, seconds);
    }
}
