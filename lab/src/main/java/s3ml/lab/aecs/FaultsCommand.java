package s3ml.lab.aecs;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.aecs.state.RootSecret;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;

/// `s3ml lab aecs-faults`: every fault that the AECS must survive or notice, and what came of it.
@Command(
        name = "aecs-faults",
        description = "Break the AECS's storage and processes in every way we know, and print what came of it.")
public final class FaultsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "print one JSON document on stdout and nothing else")
    private boolean json;

    @Option(
            names = "--histories",
            paramLabel = "N",
            defaultValue = "10000",
            description = "random histories to run (default ${DEFAULT-VALUE})")
    private int histories;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "seed of the first history; the others follow it (default ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// One fault and its outcome.
    record Case(
            String fault,
            String store,
            long operations,
            long acknowledgedLost,
            Optional<String> detected,
            String outcome,
            boolean ok) {
        JsonObject document() {
            return JsonObject.builder()
                    .put("fault", fault)
                    .put("store", store)
                    .put("operations", operations)
                    .put("acknowledgedLost", acknowledgedLost)
                    .put("detected", detected.orElse(""))
                    .put("outcome", outcome)
                    .put("ok", ok)
                    .build();
        }
    }

    @Override
    public Integer call() {
        List<Case> cases = new ArrayList<>();
        RootSecret root = RootSecret.create(new SecureRandom());
        for (Lies.Lie lie : Lies.all()) {
            told(cases, lie.name(), lie.expected(), Lies.atStart(lie, root));
        }
        told(cases, "store rolled back under a running replica", "AECS-305", Lies.rollbackUnderReplica(root));
        told(cases, "store rolled back, a head is remembered", "AECS-305", Lies.rollbackAgainstKnownHead(root));
        told(cases, "store forked between two replicas", "AECS-305", Lies.fork(root));
        add(cases, KilledProcess.run(Path.of(System.getProperty("java.io.tmpdir"))));
        add(cases, histories(root));
        long failed = cases.stream().filter(one -> !one.ok()).count();
        if (json) {
            spec.commandLine()
                    .getOut()
                    .println(Json.write(JsonObject.builder()
                            .put(
                                    "cases",
                                    new JsonArray(cases.stream()
                                            .<s3ml.attest.json.JsonValue>map(Case::document)
                                            .toList()))
                            .put("failed", failed)
                            .build()));
        }
        return failed == 0 ? 0 : 1;
    }

    private void told(List<Case> cases, String fault, String expected, Lies.Noticed noticed) {
        boolean ok = noticed.code().equals(expected);
        Optional<String> detected = noticed.code().isEmpty() ? Optional.empty() : Optional.of(noticed.code());
        add(cases, new Case(fault, "simulated", 4, 0, detected, noticed.message(), ok));
    }

    private void add(List<Case> cases, Case one) {
        cases.add(one);
        if (!json) {
            spec.commandLine()
                    .getErr()
                    .printf("%-6s %-44s %s%n", one.ok() ? "ok" : "FAILED", one.fault(), shortened(one.outcome()));
        }
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), 110));
    }

    private Case histories(RootSecret root) {
        long operations = 0;
        long unknown = 0;
        String fault = histories + " random histories of three replicas";
        try {
            for (long i = 0; i < histories; i++) {
                History.Tally tally = History.run(seed + i, root);
                operations += tally.operations();
                unknown += tally.failed();
            }
        } catch (AssertionError e) {
            return new Case(fault, "simulated", operations, 1, Optional.empty(), String.valueOf(e.getMessage()), false);
        }
        return new Case(
                fault,
                "simulated",
                operations,
                0,
                Optional.empty(),
                "every look agreed with the model; " + unknown + " operations failed with unknown outcome",
                true);
    }
}
