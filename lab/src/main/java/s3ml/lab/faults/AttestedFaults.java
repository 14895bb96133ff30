package s3ml.lab.faults;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import s3ml.lab.faults.AecsReplicas.Start;

/// Faults of whole AECSs: attested processes under a load of admin commands and key releases. No answer that somebody
/// got may be undone or given twice, and the service goes on as soon as it can.
final class AttestedFaults {
    private static final int REPLICAS = 3;
    private static final int STEP = 10;
    private static final int PATIENCE_SECONDS = 90;
    private static final int ROUNDS = 3;
    private static final Duration SKEW = Duration.ofMinutes(10);
    /// Beyond what collateral lives: thirty days.
    private static final Duration FAR = Duration.ofDays(90);
    /// More than the largest native library that is unpacked at start, and than SQLite's log before its checkpoint.
    private static final long SMALL_DISK_KILOBYTES = 5_000;

    private static final int HELD_MILLIS = 1_500;

    private AttestedFaults() {}

    /// What a fault does to the replicas under load; returns what went wrong, empty if nothing did.
    private interface Act {
        String on(AecsReplicas replicas, KeyLoad load) throws Exception;
    }

    /// The cases of one replica over a SQLite file.
    static void embedded(Consumer<FaultCase> add) {
        add.accept(kill());
        add.accept(alone("slow disk: the database is held again and again", Start.USUAL, AttestedFaults::holdDatabase));
        add.accept(fullDisk());
        add.accept(alone("PCCS down, also during a restart", Start.USUAL, AttestedFaults::pccsDown));
        add.accept(alone("clock 10 minutes ahead", Start.ahead(SKEW), AttestedFaults::goesOn));
        add.accept(alone("clock 10 minutes behind", Start.ahead(SKEW.negated()), AttestedFaults::goesOn));
        add.accept(wrongClock("clock 90 days ahead, then right again", FAR));
        add.accept(wrongClock("clock 90 days behind, then right again", FAR.negated()));
    }

    static FaultCase kill() {
        return alone("kill -9 of the AECS under writes and releases", Start.USUAL, AttestedFaults::killAlone);
    }

    /// The cases of three replicas over an etcd of three nodes.
    static void clustered(Path etcd, Consumer<FaultCase> add) {
        add.accept(killEach(etcd));
        add.accept(
                together(etcd, "kill -9 of etcd's leader under three AECSs", List.of(), (cluster, replicas, load) -> {
                    int leader = cluster.awaitLeader();
                    cluster.kill(leader);
                    if (!load.progresses(STEP, PATIENCE_SECONDS)) {
                        return "stood still with two of three nodes";
                    }
                    cluster.restart(leader);
                    return goesOn(replicas, load);
                }));
        add.accept(together(etcd, "etcd's leader cut off under three AECSs", List.of(), (cluster, replicas, load) -> {
            cluster.cutOff(Set.of(cluster.awaitLeader()));
            if (!load.progresses(STEP, PATIENCE_SECONDS)) {
                return "stood still with two of three nodes";
            }
            cluster.mend();
            return goesOn(replicas, load);
        }));
        List<Start> skewed = List.of(Start.ahead(SKEW), Start.USUAL, Start.ahead(SKEW.negated()));
        add.accept(
                together(etcd, "three AECSs whose clocks differ by 10 minutes", skewed, (cluster, replicas, load) -> {
                    replicas.kill(1);
                    return goesOn(replicas, load);
                }));
    }

    static FaultCase killEach(Path etcd) {
        return together(etcd, "kill -9 of each AECS replica in turn", List.of(), (cluster, replicas, load) -> {
            for (int i = 0; i < REPLICAS; i++) {
                replicas.kill(i);
                if (!load.progresses(STEP, PATIENCE_SECONDS)) {
                    return "stood still without replica " + i;
                }
                replicas.start(i, Start.USUAL);
            }
            return goesOn(replicas, load);
        });
    }

    private static String goesOn(AecsReplicas replicas, KeyLoad load) {
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still: " + load.refusals();
    }

    private static String killAlone(AecsReplicas replicas, KeyLoad load) {
        for (int i = 0; i < ROUNDS; i++) {
            replicas.kill(0);
            replicas.start(0, Start.USUAL);
            if (!load.progresses(STEP, PATIENCE_SECONDS)) {
                return "stood still after restart " + (i + 1) + ": " + load.refusals();
            }
        }
        return "";
    }

    /// Another process holds the write lock, so that each commit waits as for a disk that does not answer.
    private static String holdDatabase(AecsReplicas replicas, KeyLoad load) throws SQLException, InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + replicas.database());
                    Statement statement = other.createStatement()) {
                statement.execute("PRAGMA busy_timeout=10000");
                statement.execute("BEGIN IMMEDIATE");
                Thread.sleep(HELD_MILLIS);
                statement.execute("ROLLBACK");
            }
            if (!load.progresses(STEP, PATIENCE_SECONDS)) {
                return "stood still: " + load.refusals();
            }
        }
        return "";
    }

    private static String pccsDown(AecsReplicas replicas, KeyLoad load) {
        replicas.pccs().shut();
        replicas.kill(0);
        replicas.start(0, Start.USUAL);
        String without = goesOn(replicas, load);
        replicas.pccs().open();
        return without.isEmpty() ? goesOn(replicas, load) : "without the PCCS it " + without;
    }

    /// The limit on a file stands for the disk's end: neither needs rights nor fills anybody's real disk. The database
    /// is brought close to it by a table that is not the AECS's.
    private static FaultCase fullDisk() {
        Start small = new Start(Duration.ZERO, Optional.of(SMALL_DISK_KILOBYTES));
        return alone("full disk: files reach their limit", Start.USUAL, (replicas, load) -> {
            replicas.kill(0);
            ballast(replicas.database());
            replicas.start(0, small);
            boolean named = false;
            for (int i = 0; i < PATIENCE_SECONDS && !named; i++) {
                Thread.sleep(1_000);
                named = load.refusals().stream().anyMatch(text -> text.contains("AECS-301"));
            }
            if (!named) {
                return "never full, or not said: " + load.refusals();
            }
            replicas.kill(0);
            replicas.start(0, Start.USUAL);
            return goesOn(replicas, load);
        });
    }

    private static void ballast(Path database) throws SQLException {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = other.createStatement()) {
            statement.execute("CREATE TABLE ballast(content BLOB)");
            statement.execute("INSERT INTO ballast VALUES(zeroblob(" + (SMALL_DISK_KILOBYTES - 400) * 1024 + "))");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    /// With a clock that no collateral fits nothing is released, and nothing stays behind of it.
    private static FaultCase wrongClock(String fault, Duration ahead) {
        FaultCase judged = alone(fault, Start.USUAL, (replicas, load) -> {
            replicas.kill(0);
            load.forgetRefusals();
            replicas.start(0, Start.ahead(ahead));
            long before = load.released();
            for (int i = 0; i < PATIENCE_SECONDS && !refused(load); i++) {
                Thread.sleep(1_000);
            }
            if (load.released() > before) {
                return "released keys under collateral that was not valid at its own time";
            }
            if (!refused(load)) {
                return "gave no reason: " + load.refusals();
            }
            replicas.kill(0);
            replicas.start(0, Start.USUAL);
            return goesOn(replicas, load);
        });
        return new FaultCase(
                judged.fault(),
                judged.store(),
                judged.operations(),
                judged.acknowledgedLost(),
                judged.ok(),
                judged.ok() ? "released nothing meanwhile, then went on" : judged.outcome(),
                judged.ok());
    }

    private static boolean refused(KeyLoad load) {
        return load.refusals().stream().anyMatch(text -> text.contains("AECS-210") || text.contains("AECS-230"));
    }

    private static FaultCase alone(String fault, Start first, Act act) {
        return ClusterFaults.inFolder(folder -> {
            try (AecsReplicas replicas =
                    AecsReplicas.start(folder, "sqlite:" + folder.resolve("aecs.db"), List.of(first))) {
                return judged(fault, "SQLite", replicas, folder, act);
            }
        });
    }

    /// As [Act], with the etcd under the replicas.
    private interface ClusterAct {
        String on(EtcdCluster cluster, AecsReplicas replicas, KeyLoad load) throws Exception;
    }

    private static FaultCase together(Path etcd, String fault, List<Start> starts, ClusterAct act) {
        return ClusterFaults.inFolder(folder -> {
            List<Start> all = starts.isEmpty() ? Collections.nCopies(REPLICAS, Start.USUAL) : starts;
            try (EtcdCluster cluster =
                            EtcdCluster.start(new EtcdCluster.Setup(etcd, folder.resolve("etcd"), REPLICAS, 0));
                    AecsReplicas replicas = AecsReplicas.start(
                            folder, "etcd:" + String.join(",", cluster.endpoints()) + "/s3ml", all)) {
                return judged(fault, "etcd", replicas, folder, (three, load) -> act.on(cluster, three, load));
            }
        });
    }

    private static FaultCase judged(String fault, String store, AecsReplicas replicas, Path folder, Act act) {
        try (KeyLoad load = new KeyLoad(replicas, folder).start()) {
            String problem = load.progresses(STEP, PATIENCE_SECONDS) ? "" : "no load: " + load.refusals();
            problem = problem.isEmpty() ? act.on(replicas, load) : problem;
            KeyLoad.Outcome outcome = load.finish();
            long lost = outcome.lost() + outcome.duplicates();
            boolean ok = problem.isEmpty() && lost == 0;
            return new FaultCase(
                    fault, store, outcome.acknowledged(), lost, false, ok ? "went on, nothing lost" : problem, ok);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            return new FaultCase(fault, store, 0, 0, false, e.toString(), false);
        }
    }
}
