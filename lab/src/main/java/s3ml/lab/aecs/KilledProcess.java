package s3ml.lab.aecs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.aecs.state.SqliteRecordStore;

/// Kills a process that writes to a SQLite store, again and again, and looks whether a write that it reported is lost.
final class KilledProcess {
    private static final int ROUNDS = 5;
    private static final int WRITES_BEFORE_KILL = 60;

    private KilledProcess() {}

    /// The writer: makes or opens the store, then counts upwards in one record and reports each number once it is
    /// durable.
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) {
            RootSecret root = RootSecret.of(HexFormat.of().parseHex(arguments[1]), false);
            try (SqliteRecordStore store = SqliteRecordStore.open(Path.of(arguments[0]))) {
                SealedState state = open(store, root);
                while (true) {
                    long count = state.transact(change -> {
                                long next = change.get("count")
                                                .map(record -> Long.parseLong(
                                                        record.content().toStringUtf8()))
                                                .orElse(0L)
                                        + 1;
                                change.put("count", Long.toString(next).getBytes(StandardCharsets.UTF_8));
                                change.log(Long.toString(next).getBytes(StandardCharsets.UTF_8));
                                return next;
                            })
                            .value();
                    System.out.println(count);
                    System.out.flush();
                }
            }
        }
    }

    private static SealedState open(SqliteRecordStore store, RootSecret root) {
        if (SealedState.isEmpty(store)) {
            return SealedState.create(
                    store,
                    root,
                    new SecureRandom(),
                    InstantSource.system(),
                    change -> change.put("first", new byte[1]));
        }
        return SealedState.open(store, root, new SecureRandom(), InstantSource.system(), null);
    }

    static FaultsCommand.Case run(Path temporary) {
        try {
            Path folder = Files.createTempDirectory(temporary, "s3ml-aecs-faults");
            try {
                return runIn(folder.resolve("aecs.db"));
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FaultsCommand.Case runIn(Path file) throws IOException {
        byte[] root = new byte[RootSecret.BYTES];
        new SecureRandom().nextBytes(root);
        long reported = 0;
        long lost = 0;
        for (int round = 0; round < ROUNDS; round++) {
            reported = Math.max(reported, killed(file, HexFormat.of().formatHex(root)));
            try (SqliteRecordStore store = SqliteRecordStore.open(file)) {
                SealedState state = open(store, RootSecret.of(root, false));
                long found = state.read(view -> view.get("count"))
                        .map(record -> Long.parseLong(record.content().toStringUtf8()))
                        .orElse(0L);
                lost += Math.max(0, reported - found);
                lost += found == state.logTree().size() ? 0 : 1;
                reported = found;
            }
        }
        return new FaultsCommand.Case(
                "kill -9 of a writing process, " + ROUNDS + " times",
                "SQLite",
                reported,
                lost,
                Optional.empty(),
                lost == 0 ? "every reported write was there, records and log in step" : "lost " + lost,
                lost == 0);
    }

    private static long killed(Path file, String root) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        file.toString(),
                        root)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long last = 0;
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < WRITES_BEFORE_KILL; i++) {
                String line = lines.readLine();
                if (line == null) {
                    throw new IllegalStateException("the writer ended by itself after " + last);
                }
                last = Long.parseLong(line);
            }
            // Through its handle: Process.destroyForcibly closes the stream that is still to be read.
            process.toHandle().destroyForcibly();
            // What it had reported before it died still counts.
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line.isEmpty() ? last : Math.max(last, Long.parseLong(line));
            }
        }
        return last;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
