package s3ml.lab.faults;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.state.KnownHead;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RecordStore.Write;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.S3mlException;
import s3ml.protocol.log.Merkle;
import s3ml.protocol.log.ProofPlan;

/// What a hostile store can do to the records, done to a real store behind the state's back, by its own keys.
enum Tampering {
    ALTER("a bit of a record is turned", "AECS-302"),
    INSERT("a record is inserted", "AECS-302"),
    DELETE("a record is deleted", "AECS-302"),
    SWAP("two records are swapped", "AECS-302"),
    REPLAY("an old version of a record is replayed", "AECS-302"),
    TRUNCATE("the newest commit is cut off", "AECS-303"),
    CHANGED_HEAD("a bit of the head is turned", "AECS-304"),
    NO_HEAD("the head is deleted", "AECS-304"),
    FOREIGN_HEAD("the head of another AECS is put in place", "AECS-304"),
    ROLL_BACK("everything is rolled back while a head is remembered", "AECS-305"),
    ROLL_BACK_RUNNING("everything is rolled back under a running replica", "AECS-305"),
    FORK("two replicas are shown two stores", "AECS-305"),
    LOG_ENTRY("an entry of the transparency log is changed", "");

    private static final int RECORDS = 6;
    private static final String NOWHERE = "~nowhere";
    private static final int PAGE = 100;

    private final String words;
    private final String code;

    /// @param code of the refusal; empty where the proof is missing instead
    Tampering(String words, String code) {
        this.words = words;
        this.code = code;
    }

    /// Fills the empty store, tampers with it, and reports whether the state notices.
    FaultCase on(RecordStore store) {
        try (RootSecret root = RootSecret.create(new SecureRandom())) {
            Scene scene = new Scene(store, root);
            String found = scene.play(this);
            boolean detected = !found.isEmpty();
            boolean named = detected && found.startsWith(code);
            return new FaultCase(
                    words, store.kind(), scene.operations, 0, detected, detected ? found : "not noticed", named);
        }
    }

    /// One state over one store, and the means of the attacker.
    private static final class Scene {
        final RecordStore store;
        final RootSecret root;
        final SecureRandom random = new SecureRandom();
        long operations;

        Scene(RecordStore store, RootSecret root) {
            this.store = store;
            this.root = root;
        }

        /// The message of the refusal; empty if there was none.
        String play(Tampering tampering) {
            SealedState state =
                    SealedState.create(store, root, random, InstantSource.system(), change -> put(change, 0));
            write(state);
            SortedMap<String, byte[]> early = dump();
            write(state);
            KnownHead known =
                    new KnownHead(state.head().getSequence(), state.head().getChainHash());
            if (tampering == FORK) {
                return fork(state, early);
            }
            if (tampering == LOG_ENTRY) {
                return changedEntry(state);
            }
            if (tampering == ROLL_BACK_RUNNING) {
                restore(early);
                return refusal(state::refresh);
            }
            tamper(tampering, early);
            state.close();
            return refusal(() -> SealedState.open(store, root, random, InstantSource.system(), known)
                    .close());
        }

        private static String refusal(Runnable reading) {
            try {
                reading.run();
                return "";
            } catch (S3mlException e) {
                return e.code().equals("AECS-301") ? "" : String.valueOf(e.getMessage());
            }
        }

        private void tamper(Tampering tampering, SortedMap<String, byte[]> early) {
            switch (tampering) {
                case ALTER -> turnBit("record/r/1", 20);
                case CHANGED_HEAD -> turnBit("head", 12);
                case NO_HEAD -> put("head", null);
                case INSERT -> put("record/r/inserted", get("record/r/1"));
                case DELETE -> put("record/r/1", null);
                case SWAP -> {
                    byte[] first = get("record/r/1");
                    put("record/r/1", get("record/r/2"));
                    put("record/r/2", first);
                }
                case REPLAY -> put("record/r/1", early.get("record/r/1"));
                case TRUNCATE -> put("commit/" + HexFormat.of().toHexDigits(operations + 1), null);
                case FOREIGN_HEAD -> {
                    try (RootSecret other = RootSecret.create(random)) {
                        MemoryStore elsewhere = new MemoryStore();
                        SealedState.create(elsewhere, other, random, InstantSource.system(), change -> put(change, 0))
                                .close();
                        put("head", elsewhere.getAll(List.of("head")).getFirst());
                    }
                }
                case ROLL_BACK -> restore(early);
                case FORK, LOG_ENTRY, ROLL_BACK_RUNNING ->
                    throw new IllegalStateException(tampering + " is played elsewhere");
            }
        }

        private void turnBit(String key, int position) {
            byte[] value = Objects.requireNonNull(get(key));
            value[position] ^= 1;
            put(key, value);
        }

        private String fork(SealedState first, SortedMap<String, byte[]> early) {
            byte[] head = first.signedHead().toByteArray();
            first.close();
            restore(early);
            try (SealedState second = SealedState.open(store, root, random, InstantSource.system(), null)) {
                write(second);
                return refusal(() -> second.compare(head));
            }
        }

        private String changedEntry(SealedState state) {
            String key = "log/leaf/" + HexFormat.of().toHexDigits(2L);
            put(key, "a lie".getBytes(StandardCharsets.UTF_8));
            state.close();
            try (SealedState again = SealedState.open(store, root, random, InstantSource.system(), null)) {
                long size = again.logTree().size();
                byte[] entry = again.logEntries(2, 1).getFirst().toByteArray();
                boolean proven = Merkle.includes(
                        Merkle.leaf(entry),
                        2,
                        size,
                        again.proveLog(ProofPlan.inclusion(2, size)),
                        again.logTree().root());
                return proven ? "" : "entry 2 has no proof under the signed head: no client accepts it";
            }
        }

        private void write(SealedState state) {
            for (int i = 0; i < RECORDS; i++) {
                int number = i;
                state.transact(change -> put(change, number));
                operations++;
            }
        }

        private static long put(s3ml.aecs.state.StateChange change, int number) {
            byte[] text = ("value " + change.logSize()).getBytes(StandardCharsets.UTF_8);
            change.put("r/" + number, text);
            return change.log(text);
        }

        private byte @Nullable [] get(String key) {
            return store.getAll(List.of(key)).getFirst();
        }

        private void put(String key, byte @Nullable [] value) {
            store.commit(NOWHERE, null, List.of(new Write(key, value)));
        }

        private SortedMap<String, byte[]> dump() {
            SortedMap<String, byte[]> all = new TreeMap<>();
            String from = "!";
            while (true) {
                SortedMap<String, byte[]> page = store.range(from, "~", PAGE);
                all.putAll(page);
                if (page.size() < PAGE) {
                    return all;
                }
                from = page.lastKey() + "\0";
            }
        }

        private void restore(SortedMap<String, byte[]> content) {
            Map<String, byte @Nullable []> wanted = new TreeMap<>();
            dump().keySet().forEach(key -> wanted.put(key, null));
            wanted.putAll(content);
            List<Write> writes = new ArrayList<>();
            wanted.forEach((key, value) -> writes.add(new Write(key, value)));
            for (int start = 0; start < writes.size(); start += PAGE) {
                store.commit(NOWHERE, null, writes.subList(start, Math.min(writes.size(), start + PAGE)));
            }
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
