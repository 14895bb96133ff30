package s3ml.lab.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.client.admin.AdminClient;
import s3ml.lab.faults.AecsReplicas.Start;
import s3ml.protocol.AecsChannel;

/// All storage of an AECS put back while no replica ran: what only a witness can know. A real AECS, a real witness, and
/// the SQLite files copied and put back. One run for each.
final class RolledBack {
    private static final int COMMANDS = 3;

    private final AecsReplicas replicas;
    private final Path folder;
    private long acknowledged;

    private RolledBack(AecsReplicas replicas, Path folder) {
        this.replicas = replicas;
        this.folder = folder;
    }

    /// How it is put back.
    enum Way {
        /// The older files are there when it starts again.
        BEHIND("all storage put back while no AECS ran"),
        /// The older files were used for a while without a witness, so that the log is longer than what the witness
        /// saw.
        FORKED("all storage put back, then used where no witness sees it"),
        /// The witness is away: nobody can tell.
        UNWITNESSED("the witness is away when an AECS starts");

        private final String fault;

        Way(String fault) {
            this.fault = fault;
        }
    }

    /// Runs one case in a folder of its own.
    static FaultCase run(Way way) {
        return ClusterFaults.inFolder(folder -> {
            try (AecsReplicas replicas =
                    AecsReplicas.start(folder, "sqlite:" + folder.resolve("aecs.db"), List.of(Start.USUAL))) {
                return new RolledBack(replicas, folder).result(way);
            }
        });
    }

    private FaultCase result(Way way) {
        String problem = switch (way) {
            case BEHIND -> putBack();
            case FORKED -> fork();
            case UNWITNESSED -> away();
        };
        boolean ok = problem.isEmpty();
        String outcome = way == Way.UNWITNESSED
                ? "refused, or started with a warning, as configured"
                : "refused and named; started over the newest storage";
        return new FaultCase(way.fault, "SQLite", acknowledged, 0, ok, ok ? outcome : problem, ok);
    }

    private String putBack() {
        try (WitnessProcess witness = WitnessProcess.start(folder.resolve("witness"))) {
            watched(witness);
            copy(folder.resolve("old"), folder);
            String refusal = refusal();
            if (!refusal.contains("AECS-253") || !refusal.contains("rolled back")) {
                return "not refused as rolled back: " + refusal;
            }
            return newestAgain();
        }
    }

    private String fork() {
        try (WitnessProcess witness = WitnessProcess.start(folder.resolve("witness"))) {
            watched(witness);
            copy(folder.resolve("old"), folder);
            replicas.witnesses(List.of(), 0);
            replicas.start(0, Start.USUAL);
            command("other", 2 * COMMANDS);
            replicas.stop(0);
            replicas.witnesses(List.of(witness.named()), 1);
            String refusal = refusal();
            if (!refusal.contains("AECS-253") || !refusal.contains("forked")) {
                return "not refused as forked: " + refusal;
            }
            return newestAgain();
        }
    }

    private String away() {
        List<JsonObject> named;
        try (WitnessProcess witness = WitnessProcess.start(folder.resolve("witness"))) {
            watched(witness);
            named = List.of(witness.named());
        }
        String refusal = refusal();
        if (!refusal.contains("AECS-254")) {
            return "not refused without its witness: " + refusal;
        }
        replicas.witnesses(named, 0);
        replicas.start(0, Start.USUAL);
        command("unwatched", 1);
        return "";
    }

    /// Leaves an ended AECS: its files as they were before the last commands in `old`, as they are now in `new`; the
    /// witness has seen all of it.
    private void watched(WitnessProcess witness) {
        replicas.witnesses(List.of(witness.named()), 1);
        command("early", COMMANDS);
        replicas.stop(0);
        copy(folder, folder.resolve("old"));
        replicas.start(0, Start.USUAL);
        command("late", COMMANDS);
        // Asked to end, it shows the witness its last head.
        replicas.stop(0);
        copy(folder, folder.resolve("new"));
    }

    private String newestAgain() {
        copy(folder.resolve("new"), folder);
        replicas.start(0, Start.USUAL);
        command("again", 1);
        return "";
    }

    private String refusal() {
        try {
            replicas.start(0, Start.USUAL);
            return "it started";
        } catch (S3mlException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void command(String name, int times) {
        try (AecsChannel channel = replicas.channel()) {
            AdminClient admin = new AdminClient(channel, replicas.admin());
            for (int i = 0; i < times; i++) {
                String service = name + i;
                admin.execute(command -> command.getCreateServiceBuilder()
                        .setService(service)
                        .setServiceAdminKey(admin.publicKey())
                        .addNames(service + ".example"));
                acknowledged++;
            }
        }
    }

    /// Copies database, its logs and the sealed root; what the target has of them and the source has not is removed.
    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to);
            for (Path folder : List.of(to, from)) {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.filter(RolledBack::isStorage).toList()) {
                        if (folder.equals(to)) {
                            Files.delete(file);
                        } else {
                            Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isStorage(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith("aecs.db") || name.endsWith(".root");
    }
}
