package s3ml.control;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import s3ml.policy.FleetException;

/// Where it is written down which processes are replicas, so that a control plane which comes after this one finds them
/// again: `NAME.properties`, and beside it `NAME.out` with the ready line and `NAME.log`. One control plane at a time
/// has it.
final class ReplicaFolder implements AutoCloseable {
    private static final String RECORD = ".properties";
    /// A ready line has some hundred bytes; what else a replica prints is not read.
    private static final int LONGEST_READY_LINE = 10_000;

    private final Path folder;
    private final LeaderLease lease;

    /// What is known of a process.
    ///
    /// @param replica its name
    /// @param pid its process
    /// @param startedMillis when that process began, by the system; tells it from a later one with the same number
    record Entry(String replica, String model, String host, long pid, long startedMillis) {}

    private ReplicaFolder(Path folder, LeaderLease lease) {
        this.folder = folder;
        this.lease = lease;
    }

    /// Makes the folder if it is missing, for its owner only.
    ///
    /// @throws FleetException `CTL-107` if it cannot be used or another control plane has it
    static ReplicaFolder open(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return new ReplicaFolder(
                    folder.toAbsolutePath(),
                    LeaderLease.tryAcquire(folder.resolve("lock"))
                            .orElseThrow(() -> unusable(folder, "a control plane that runs has it", null)));
        } catch (IOException e) {
            throw unusable(folder, String.valueOf(e.getMessage()), e);
        }
    }

    private static FleetException unusable(Path folder, String why, @Nullable Throwable cause) {
        return new FleetException(
                "CTL-107", "cannot keep replicas in " + folder, why, "end that one, or give --replicas another", cause);
    }

    /// Everything that was written down; a record that cannot be read is left where it is.
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.toString().endsWith(RECORD))
                    .sorted()
                    .forEach(file -> read(file).ifPresent(entries::add));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    static Optional<Entry> read(Path file) {
        Properties record = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            record.load(reader);
            String name = file.getFileName().toString();
            return Optional.of(new Entry(
                    name.substring(0, name.length() - RECORD.length()),
                    record.getProperty("model", ""),
                    record.getProperty("host", ""),
                    Long.parseLong(record.getProperty("pid", "")),
                    Long.parseLong(record.getProperty("startedMillis", ""))));
        } catch (IOException | IllegalArgumentException unreadable) {
            System.err.println("control plane: " + file + " is not a replica's record: " + unreadable.getMessage());
            return Optional.empty();
        }
    }

    void write(Entry entry) throws IOException {
        Properties record = new Properties();
        record.setProperty("model", entry.model());
        record.setProperty("host", entry.host());
        record.setProperty("pid", Long.toString(entry.pid()));
        record.setProperty("startedMillis", Long.toString(entry.startedMillis()));
        Path half = folder.resolve(entry.replica() + ".new");
        try (Writer writer = Files.newBufferedWriter(half)) {
            record.store(writer, null);
        }
        Files.move(half, folder.resolve(entry.replica() + RECORD), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Forgets a process that is gone; its log stays.
    void forget(String replica) {
        try {
            Files.deleteIfExists(folder.resolve(replica + RECORD));
            Files.deleteIfExists(output(replica));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where its standard output goes.
    Path output(String replica) {
        return folder.resolve(replica + ".out");
    }

    /// Where its standard error goes; what the replica of that name before it had said is kept beside it.
    Path freshLog(String replica) throws IOException {
        Path log = log(replica);
        if (Files.exists(log)) {
            Files.move(log, folder.resolve(replica + ".log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        return log;
    }

    Path log(String replica) {
        return folder.resolve(replica + ".log");
    }

    /// The first line that is a JSON object, once the whole of it is there.
    Optional<String> readyLine(String replica) {
        try (InputStream in = Files.newInputStream(output(replica))) {
            String text = new String(in.readNBytes(LONGEST_READY_LINE), StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n');
            return end < 0
                    ? Optional.empty()
                    : text.substring(0, end)
                            .lines()
                            .filter(line -> line.startsWith("{"))
                            .findFirst();
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        try {
            lease.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
