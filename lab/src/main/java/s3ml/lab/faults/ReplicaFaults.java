package s3ml.lab.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;

/// kill -9 of replicas, each a process of its own, in the middle of their writes, again and again.
final class ReplicaFaults {
    private static final int KILLS = 6;
    private static final int REPLICAS = 2;
    /// Numbers of different processes do not meet.
    private static final long NUMBERS = 1_000_000;

    private static final int ACKNOWLEDGED_BEFORE_KILL = 15;
    private static final int PATIENCE_SECONDS = 60;

    private final String store;
    private final RandomGenerator random;
    private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    private final List<Process> running = new ArrayList<>();
    private long started;

    private ReplicaFaults(String store, RandomGenerator random) {
        this.store = store;
        this.random = random;
    }

    /// Runs the case over an empty store, `sqlite:FILE` or `etcd:…`.
    static FaultCase run(String store, RandomGenerator random) {
        ReplicaFaults faults = new ReplicaFaults(store, random);
        try (RootSecret root = RootSecret.create(new SecureRandom());
                RecordStore records = ReplicaMain.open(store)) {
            return faults.run(root, records);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private FaultCase run(RootSecret root, RecordStore records) throws IOException, InterruptedException {
        SealedState.create(records, root, new SecureRandom(), InstantSource.system(), Survivors::create)
                .close();
        boolean alive = true;
        try {
            for (int i = 0; i < REPLICAS; i++) {
                launch(root);
            }
            for (int i = 0; i < KILLS && alive; i++) {
                alive = progresses();
                Process victim = running.remove(random.nextInt(running.size()));
                Thread.sleep(random.nextInt(50));
                victim.destroyForcibly().waitFor();
                launch(root);
            }
            alive = alive && progresses();
        } finally {
            for (Process process : running) {
                process.destroyForcibly().waitFor();
            }
        }
        // What a process printed before it died may still be on its way to the reader.
        Thread.sleep(300);
        Survivors survivors = Survivors.in(records, root, acknowledged);
        long lost = survivors.lost() + survivors.duplicates();
        boolean ok = alive && lost == 0;
        String outcome = alive ? KILLS + " kills, the others went on" : "the others stood still";
        return new FaultCase(
                "kill -9 of a replica while it writes", records.kind(), acknowledged.size(), lost, false, outcome, ok);
    }

    private boolean progresses() throws InterruptedException {
        int goal = acknowledged.size() + ACKNOWLEDGED_BEFORE_KILL;
        for (int i = 0; i < PATIENCE_SECONDS * 50; i++) {
            if (acknowledged.size() >= goal) {
                return true;
            }
            Thread.sleep(20);
        }
        return false;
    }

    private void launch(RootSecret root) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReplicaMain.class.getName(),
                        store,
                        Long.toString(++started * NUMBERS))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        running.add(process);
        String secret = root.secret().expose(bytes -> HexFormat.of().formatHex(bytes)) + "\n";
        process.getOutputStream().write(secret.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        Thread.ofVirtual().start(() -> read(process));
    }

    private void read(Process process) {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                acknowledged.add(Long.parseLong(line));
            }
        } catch (IOException | NumberFormatException e) {
            // Killed in the middle of a line.
        }
    }
}
