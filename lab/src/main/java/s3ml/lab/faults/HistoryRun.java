package s3ml.lab.faults;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.state.KnownHead;
import s3ml.aecs.state.LogTree;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.S3mlException;
import s3ml.lab.faults.FaultyStore.Odds;
import s3ml.protocol.log.Merkle;
import s3ml.protocol.log.ProofPlan;

/// One random history: up to three replicas over one store, 30 to 60 steps, faults at every turn, all drawn from one
/// seed.
///
/// Replicas run in one thread; they interleave because a commit of one lets another act first. Time is a number that
/// jumps forwards and back.
final class HistoryRun {
    private static final int MAX_REPLICAS = 3;
    private static final int NAMES = 5;
    /// A store that fails so often in a row is a fault of the simulation.
    private static final int MAX_OPENINGS = 200;

    private static final long FOUR_DAYS = 4L * 24 * 3600 * 1000;

    private final SplittableRandom random;
    private final SecureRandom nonces = new SecureRandom();
    private final RootSecret root;
    private final RecordStore disk;
    private final HistoryModel model = new HistoryModel();
    private final List<Replica> replicas = new ArrayList<>();
    private final List<LogTree> seenTrees = new ArrayList<>();
    private long now = 1_800_000_000_000L;
    private final InstantSource clock = () -> java.time.Instant.ofEpochMilli(now);
    private long lastId = HistoryModel.CREATION;
    private int injected;

    /// What came of a history.
    ///
    /// @param violations empty if the history is linearizable and nothing was lost
    record Result(int acknowledged, int faults, List<String> violations) {}

    /// One replica: its way to the store, and its state while its machine lives.
    private static final class Replica {
        final FaultyStore store;

        @Nullable
        SealedState state;

        @Nullable
        KnownHead known;

        boolean busy;

        Replica(FaultyStore store) {
            this.store = store;
        }
    }

    private HistoryRun(long seed, RootSecret root, RecordStore disk) {
        this.random = new SplittableRandom(seed);
        this.root = root;
        this.disk = disk;
    }

    /// Runs the history of a seed on an empty store.
    static Result run(long seed, RootSecret root, RecordStore disk) {
        return new HistoryRun(seed, root, disk).run();
    }

    private Result run() {
        byte[] creation = ByteBuffer.allocate(Long.BYTES).array();
        SealedState.create(disk, root, nonces, clock, change -> change.log(creation))
                .close();
        int count = 1 + random.nextInt(MAX_REPLICAS);
        for (int i = 0; i < count; i++) {
            replicas.add(new Replica(new FaultyStore(disk, random, () -> step(true))));
        }
        replicas.forEach(replica -> replica.store.odds(Odds.USUAL));
        int steps = 30 + random.nextInt(31);
        for (int i = 0; i < steps; i++) {
            now += random.nextInt(10) == 0 ? random.nextLong(-FOUR_DAYS, FOUR_DAYS) : random.nextInt(1_000);
            step(false);
        }
        return judge();
    }

    private Result judge() {
        for (Replica replica : replicas) {
            replica.store.deliver();
            injected += replica.store.injected();
        }
        try (SealedState end = SealedState.open(disk, root, nonces, clock, null)) {
            int size = Math.toIntExact(end.logTree().size());
            List<ByteString> log = end.logEntries(0, size);
            prove(end, log);
            List<String> violations = model.judge(log, end.read(view -> view.list("r/")));
            return new Result(model.acknowledgements(), injected, violations);
        } catch (S3mlException e) {
            model.violated("the end cannot be read: " + e.getMessage());
            return new Result(model.acknowledgements(), injected, model.judge(List.of(), java.util.Map.of()));
        }
    }

    /// Every entry has its proof, and every tree that was ever seen is a beginning of the last one.
    private void prove(SealedState end, List<ByteString> log) {
        LogTree tree = end.logTree();
        for (int index = 0; index < log.size(); index++) {
            var path = end.proveLog(ProofPlan.inclusion(index, tree.size()));
            byte[] entry = log.get(index).toByteArray();
            if (!Merkle.includes(Merkle.leaf(entry), index, tree.size(), path, tree.root())) {
                model.violated("entry " + index + " cannot be proved");
            }
        }
        for (LogTree seen : seenTrees) {
            if (seen.size() > tree.size()) {
                model.violated("the log ends at " + tree.size() + ", although " + seen.size() + " were seen");
                continue;
            }
            var proof = end.proveLog(ProofPlan.consistency(seen.size(), tree.size()));
            if (!Merkle.isExtension(seen.size(), seen.root(), tree.size(), tree.root(), proof)) {
                model.violated("the log of " + tree.size() + " does not extend the one of " + seen.size());
            }
        }
    }

    private void step(boolean nested) {
        List<Replica> idle = replicas.stream().filter(replica -> !replica.busy).toList();
        if (idle.isEmpty()) {
            return;
        }
        Replica replica = idle.get(random.nextInt(idle.size()));
        replica.busy = true;
        try {
            act(replica, nested);
        } catch (FaultyStore.Crash e) {
            replica.state = null;
        } finally {
            replica.busy = false;
        }
    }

    private void act(Replica replica, boolean nested) {
        if (random.nextInt(4) == 0) {
            replica.store.deliver();
        }
        SealedState state = alive(replica);
        if (state == null) {
            return;
        }
        if (!nested && random.nextInt(25) == 0) {
            state.close();
            replica.state = null;
        } else if (random.nextInt(4) == 0) {
            read(replica, state);
        } else {
            change(replica, state);
        }
        if (state.broken().isPresent()) {
            replica.state = null;
        }
    }

    private @Nullable SealedState alive(Replica replica) {
        if (replica.state != null) {
            return replica.state;
        }
        for (int i = 0; i < MAX_OPENINGS; i++) {
            try {
                replica.state = SealedState.open(replica.store, root, nonces, clock, replica.known);
                return replica.state;
            } catch (S3mlException e) {
                if (!isFailure(e)) {
                    return null;
                }
            }
        }
        model.violated("a replica does not start again");
        return null;
    }

    private void read(Replica replica, SealedState state) {
        long notBefore = model.newestAcknowledged();
        try {
            state.refresh();
            state.read(view -> {
                model.read(view.list("r/"), view.logSize(), notBefore);
                return true;
            });
            saw(replica, state);
        } catch (S3mlException e) {
            isFailure(e);
        }
    }

    private void change(Replica replica, SealedState state) {
        Operation operation = operation(state);
        long notBefore = model.newestAcknowledged();
        model.begins(operation);
        try {
            long index = state.transact(operation::run).value();
            model.acknowledged(operation, index, notBefore);
            saw(replica, state);
        } catch (Operation.Refused e) {
            model.refused(operation, state.head().getLogSize(), notBefore);
        } catch (S3mlException e) {
            isFailure(e);
        }
    }

    private void saw(Replica replica, SealedState state) {
        replica.known = new KnownHead(state.head().getSequence(), state.head().getChainHash());
        seenTrees.add(state.logTree());
    }

    private Operation operation(SealedState state) {
        Operation.Kind[] kinds = Operation.Kind.values();
        String name = "r/" + random.nextInt(NAMES);
        // The version that this replica believes in is often the newest one, and often enough it is not.
        long expected = random.nextInt(4) == 0
                ? 0
                : state.read(view -> view.get(name))
                        .map(record -> record.version())
                        .orElse(0L);
        return new Operation(++lastId, kinds[random.nextInt(kinds.length)], name, expected);
    }

    /// A store that fails is part of the history; anything else that an honest store is accused of is a violation.
    private boolean isFailure(S3mlException e) {
        boolean failure = e.code().equals("AECS-301");
        if (!failure) {
            model.violated("an honest store is accused: " + e.getMessage());
        }
        return failure;
    }
}
