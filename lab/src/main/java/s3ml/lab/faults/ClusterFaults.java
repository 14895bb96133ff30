package s3ml.lab.faults;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import s3ml.aecs.etcd.EtcdConfig;
import s3ml.aecs.etcd.EtcdRecordStore;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.attest.S3mlException;

/// Faults of a real etcd cluster under a load of two replicas: no acknowledged change may be lost or made twice, and
/// the load goes on as soon as a majority is there.
final class ClusterFaults {
    private static final int NODES = 3;
    private static final int REPLICAS = 2;
    private static final int STEP = 30;
    /// An election, with the call timeouts of two clients before it.
    private static final int PATIENCE_SECONDS = 60;

    private static final long SMALL_QUOTA = 3L * 1024 * 1024;

    private final Path binary;

    /// @param binary the etcd server
    ClusterFaults(Path binary) {
        this.binary = binary;
    }

    /// Runs each fault on a cluster of its own.
    void run(Consumer<FaultCase> add) {
        add.accept(underLoad("replicas start again and again while the others write", ClusterFaults::starts));
        add.accept(underLoad("kill -9 of the leader, then its restart", ClusterFaults::killLeader));
        add.accept(underLoad("kill -9 of all nodes, then their restart", ClusterFaults::killAll));
        add.accept(underLoad("partition: the leader is alone, clients reach it", ClusterFaults::partitionLeader));
        add.accept(underLoad("partition: every node is alone, then all meet again", ClusterFaults::partitionAll));
        add.accept(underLoad("the leader hangs with open connections", ClusterFaults::stopLeader));
        add.accept(underLoad("the majority hangs, then goes on", ClusterFaults::stopMajority));
        add.accept(underLoad("slow disk: the leader stalls again and again", ClusterFaults::stalls));
        add.accept(full());
    }

    /// Each way of tampering on one node.
    List<FaultCase> tamper() {
        List<FaultCase> cases = new ArrayList<>();
        FaultTable.inFolder(folder -> {
            try (EtcdCluster cluster = EtcdCluster.start(new EtcdCluster.Setup(binary, folder, 1, 0))) {
                for (Tampering tampering : Tampering.values()) {
                    String prefix = "/" + tampering.name() + "/";
                    try (RecordStore store = store(cluster, prefix)) {
                        cases.add(tampering.on(store));
                    }
                }
            }
        });
        return cases;
    }

    private FaultCase underLoad(String fault, BiFunction<EtcdCluster, AppendLoad, String> act) {
        return inFolder(folder -> {
            try (EtcdCluster cluster = EtcdCluster.start(new EtcdCluster.Setup(binary, folder, NODES, 0));
                    RootSecret root = RootSecret.create(new SecureRandom());
                    AppendLoad load = new AppendLoad(root, () -> store(cluster, "/s3ml/")).start(REPLICAS)) {
                String problem = load.progresses(STEP, PATIENCE_SECONDS) ? "" : "no load";
                problem = problem.isEmpty() ? act.apply(cluster, load) : problem;
                return judged(fault, problem, load);
            }
        });
    }

    /// A store that cannot even be read afterwards is a failed row, not the end of the table.
    private static FaultCase judged(String fault, String problem, AppendLoad load) {
        try {
            return judge(fault, problem, load.finish());
        } catch (S3mlException e) {
            String words = (problem.isEmpty() ? "" : problem + "; ") + "and could not be read: " + e.getMessage();
            return new FaultCase(fault, "etcd", 0, 0, false, words, false);
        }
    }

    private static FaultCase judge(String fault, String problem, AppendLoad.Outcome outcome) {
        long lost = outcome.lost() + outcome.duplicates();
        boolean ok = problem.isEmpty() && lost == 0 && outcome.accusations().isEmpty();
        String words = !problem.isEmpty()
                ? problem
                : outcome.accusations().isEmpty()
                        ? "went on, nothing lost"
                        : outcome.accusations().getFirst();
        return new FaultCase(fault, "etcd", outcome.acknowledged(), lost, false, words, ok);
    }

    private static String starts(EtcdCluster cluster, AppendLoad load) {
        for (int i = 0; i < 20; i++) {
            load.startAnother();
        }
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still";
    }

    private static String killLeader(EtcdCluster cluster, AppendLoad load) {
        int leader = cluster.awaitLeader();
        cluster.kill(leader);
        if (!load.progresses(STEP, PATIENCE_SECONDS)) {
            return "stood still with two of three nodes";
        }
        cluster.restart(leader);
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still after the restart";
    }

    private static String killAll(EtcdCluster cluster, AppendLoad load) {
        for (int node = 0; node < NODES; node++) {
            cluster.kill(node);
        }
        for (int node = 0; node < NODES; node++) {
            cluster.restart(node);
        }
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still after the restart";
    }

    private static String partitionLeader(EtcdCluster cluster, AppendLoad load) {
        int leader = cluster.awaitLeader();
        cluster.cutOff(Set.of(leader));
        if (!load.progresses(STEP, PATIENCE_SECONDS)) {
            return "stood still with two of three nodes";
        }
        cluster.mend();
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still after the network was mended";
    }

    private static String partitionAll(EtcdCluster cluster, AppendLoad load) {
        // Nobody has a majority, and clients still reach every node.
        cluster.isolateAll();
        load.progresses(STEP, 3);
        if (load.progresses(1, 3)) {
            return "a minority acknowledged a change";
        }
        cluster.mend();
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still after the network was mended";
    }

    private static String stopLeader(EtcdCluster cluster, AppendLoad load) {
        int leader = cluster.awaitLeader();
        cluster.stop(leader);
        if (!load.progresses(STEP, PATIENCE_SECONDS)) {
            return "stood still with two of three nodes";
        }
        cluster.resume(leader);
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still after it came back";
    }

    private static String stopMajority(EtcdCluster cluster, AppendLoad load) {
        int leader = cluster.awaitLeader();
        int other = (leader + 1) % NODES;
        cluster.stop(leader);
        cluster.stop(other);
        // What was under way may still be counted; then nothing may be acknowledged by a minority.
        load.progresses(STEP, 3);
        if (load.progresses(1, 3)) {
            return "a minority acknowledged a change";
        }
        cluster.resume(leader);
        cluster.resume(other);
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still after the majority came back";
    }

    private static String stalls(EtcdCluster cluster, AppendLoad load) {
        for (int i = 0; i < 8; i++) {
            int leader = cluster.awaitLeader();
            cluster.stop(leader);
            load.progresses(STEP, 1);
            cluster.resume(leader);
            load.progresses(STEP, 1);
        }
        return load.progresses(STEP, PATIENCE_SECONDS) ? "" : "stood still";
    }

    /// etcd refuses writes when its quota is used up, as it does before its disk is full.
    private FaultCase full() {
        return inFolder(folder -> {
            EtcdCluster.Setup setup = new EtcdCluster.Setup(binary, folder, 1, SMALL_QUOTA);
            try (EtcdCluster cluster = EtcdCluster.start(setup);
                    RootSecret root = RootSecret.create(new SecureRandom());
                    AppendLoad load = new AppendLoad(root, () -> store(cluster, "/s3ml/"))) {
                String refusal = fill(cluster);
                load.start(REPLICAS);
                boolean stood = !load.progresses(1, 3);
                AppendLoad.Outcome outcome = load.finish();
                boolean named = refusal.contains("etcd is full");
                String problem = !named ? "the refusal does not say why: " + refusal : stood ? "" : "wrote when full";
                FaultCase judged = judge("disk full: the quota is used up", problem, outcome);
                return new FaultCase(
                        judged.fault(),
                        judged.store(),
                        judged.operations(),
                        judged.acknowledgedLost(),
                        false,
                        judged.ok() ? "refused with the reason, reads go on" : judged.outcome(),
                        judged.ok());
            }
        });
    }

    private static String fill(EtcdCluster cluster) {
        try (RecordStore store = store(cluster, "/ballast/")) {
            for (int i = 0; i < 64; i++) {
                RecordStore.Write ballast = new RecordStore.Write("b" + i, new byte[256 * 1024]);
                store.commit("none", null, List.of(ballast));
            }
            return "";
        } catch (s3ml.attest.S3mlException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static RecordStore store(EtcdCluster cluster, String prefix) {
        return EtcdRecordStore.open(
                EtcdConfig.parse("etcd:" + String.join(",", cluster.endpoints()) + prefix), new SecureRandom());
    }

    static FaultCase inFolder(Function<Path, FaultCase> work) {
        List<FaultCase> result = new ArrayList<>();
        FaultTable.inFolder(folder -> result.add(work.apply(folder)));
        return result.getFirst();
    }
}
