package s3ml.lab.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SqliteRecordStore;

/// Many random histories of one store, each from its own seed.
public final class Histories {
    /// Broken histories that are reported; the first is what gets debugged.
    private static final int MAX_REPORTED = 5;

    private Histories() {}

    /// Where the simulated replicas keep their records.
    public enum Disk {
        /// A map in memory.
        MEMORY,
        /// A real SQLite file for each history.
        SQLITE
    }

    /// What came of them.
    ///
    /// @param histories how many were run
    /// @param operations changes that were acknowledged
    /// @param faults how many faults were injected
    /// @param violations of the first broken histories, each with the seed that repeats it
    public record Outcome(int histories, long operations, long faults, List<String> violations) {
        public Outcome {
            violations = List.copyOf(violations);
        }

        /// Whether all of them are linearizable and lost nothing.
        public boolean ok() {
            return violations.isEmpty();
        }
    }

    /// Runs `count` histories with the seeds from `firstSeed` on.
    public static Outcome run(long firstSeed, int count, Disk disk) {
        List<String> violations = new ArrayList<>();
        long operations = 0;
        long faults = 0;
        try (RootSecret root = RootSecret.create(new SecureRandom())) {
            for (int i = 0; i < count && violations.size() < MAX_REPORTED; i++) {
                long seed = firstSeed + i;
                HistoryRun.Result result = run(seed, root, disk);
                operations += result.acknowledged();
                faults += result.faults();
                result.violations().forEach(violation -> violations.add("seed " + seed + ": " + violation));
            }
        }
        return new Outcome(count, operations, faults, violations);
    }

    private static HistoryRun.Result run(long seed, RootSecret root, Disk disk) {
        if (disk == Disk.MEMORY) {
            return HistoryRun.run(seed, root, new MemoryStore());
        }
        try {
            Path folder = Files.createTempDirectory("s3ml-history-");
            try (RecordStore store = SqliteRecordStore.open(folder.resolve("aecs.db"))) {
                return HistoryRun.run(seed, root, store);
            } finally {
                remove(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }
}
