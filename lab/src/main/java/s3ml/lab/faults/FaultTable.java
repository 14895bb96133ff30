package s3ml.lab.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import s3ml.aecs.state.RecordStore;
import s3ml.lab.serve.Folders;

/// All faults over all stores, one line each.
public final class FaultTable {
    private final Optional<Path> etcd;
    private final Scope scope;
    private final int histories;
    private final long seed;

    /// How much is run.
    public enum Scope {
        /// Everything.
        WHOLE,
        /// Of the attested processes only the kills: two minutes instead of ten.
        SHORT
    }

    /// @param etcd the etcd server; without it the cases of etcd are left out
    /// @param histories random histories in memory
    /// @param seed of the first history, and of the choice of victims
    public FaultTable(Optional<Path> etcd, Scope scope, int histories, long seed) {
        this.etcd = etcd;
        this.scope = scope;
        this.histories = histories;
        this.seed = seed;
    }

    /// Runs everything; each line is also given to `progress` when it is known.
    public List<FaultCase> run(Consumer<FaultCase> progress) {
        List<FaultCase> cases = new ArrayList<>();
        Consumer<FaultCase> add = fault -> {
            cases.add(fault);
            progress.accept(fault);
        };
        add.accept(histories(Histories.Disk.MEMORY, histories));
        // Each of these waits for a real disk.
        add.accept(histories(Histories.Disk.SQLITE, Math.max(1, histories / 50)));
        inFolder(folder -> {
            for (Tampering tampering : Tampering.values()) {
                try (RecordStore store = ReplicaMain.open("sqlite:" + folder.resolve(tampering.name() + ".db"))) {
                    add.accept(tampering.on(store));
                }
            }
            add.accept(ReplicaFaults.run("sqlite:" + folder.resolve("replicas.db"), new java.util.Random(seed)));
        });
        switch (scope) {
            case WHOLE -> {
                AttestedFaults.embedded(add);
                for (RolledBack.Way way : RolledBack.Way.values()) {
                    add.accept(RolledBack.run(way));
                }
            }
            case SHORT -> add.accept(AttestedFaults.kill());
        }
        etcd.ifPresent(binary -> etcd(binary, add));
        return cases;
    }

    private void etcd(Path binary, Consumer<FaultCase> add) {
        ClusterFaults faults = new ClusterFaults(binary);
        faults.tamper().forEach(add);
        faults.run(add);
        switch (scope) {
            case WHOLE -> AttestedFaults.clustered(binary, add);
            case SHORT -> add.accept(AttestedFaults.killEach(binary));
        }
        inFolder(folder -> {
            try (EtcdCluster cluster = EtcdCluster.start(new EtcdCluster.Setup(binary, folder, 3, 0))) {
                String store = "etcd:" + String.join(",", cluster.endpoints());
                add.accept(ReplicaFaults.run(store, new SecureRandom()));
            }
        });
    }

    private FaultCase histories(Histories.Disk disk, int count) {
        Histories.Outcome outcome = Histories.run(seed, count, disk);
        return new FaultCase(
                count + " random histories of up to three replicas, " + outcome.faults() + " faults",
                disk == Histories.Disk.MEMORY ? "memory" : "SQLite",
                outcome.operations(),
                outcome.violations().size(),
                false,
                outcome.ok()
                        ? "linearizable, nothing lost"
                        : outcome.violations().getFirst(),
                outcome.ok());
    }

    /// Gives the work a folder that is removed afterwards.
    static void inFolder(Consumer<Path> work) {
        try {
            Path folder = Files.createTempDirectory("s3ml-faults-");
            try {
                work.accept(folder);
            } finally {
                Folders.remove(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
