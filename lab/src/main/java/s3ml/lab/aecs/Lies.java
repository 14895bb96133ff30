package s3ml.lab.aecs;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.function.Consumer;
import s3ml.aecs.state.KnownHead;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.S3mlException;

/// What a storage can do to the AECS's records without its keys, and how the AECS finds out.
final class Lies {
    private static final InstantSource CLOCK = InstantSource.system();

    private Lies() {}

    /// One lie.
    ///
    /// @param name what is done
    /// @param expected the code that must come
    /// @param telling changes the store behind the state's back; gets the store and the state that wrote it
    record Lie(String name, String expected, Consumer<Scene> telling) {}

    /// A store with two records, `service/a` (twice written) and `service/b`, and the state that wrote them.
    ///
    /// @param old the store as it was before the second write
    record Scene(SimStore store, SealedState state, NavigableMap<String, byte[]> old) {
        byte[] entry(String key) {
            return Objects.requireNonNull(store.entries.get(key));
        }
    }

    /// The code that was raised, and its message; empty code if nothing was noticed.
    record Noticed(String code, String message) {}

    static List<Lie> all() {
        return List.of(
                new Lie("record altered", "AECS-302", scene -> scene.entry("record/service/a")[20] ^= 1),
                new Lie(
                        "record deleted",
                        "AECS-302",
                        scene -> scene.store().entries.remove("record/service/a")),
                new Lie(
                        "record inserted",
                        "AECS-302",
                        scene -> scene.store().entries.put("record/service/c", scene.entry("record/service/a"))),
                new Lie(
                        "record replayed",
                        "AECS-302",
                        scene -> scene.store()
                                .entries
                                .put(
                                        "record/service/a",
                                        Objects.requireNonNull(scene.old().get("record/service/a")))),
                new Lie("records swapped", "AECS-302", Lies::swap),
                new Lie(
                        "chain truncated",
                        "AECS-303",
                        scene -> scene.store().entries.remove("commit/0000000000000002")),
                new Lie(
                        "head deleted",
                        "AECS-304",
                        scene -> scene.store().entries.remove("head")),
                new Lie("head altered", "AECS-304", scene -> scene.entry("head")[12] ^= 1));
    }

    private static void swap(Scene scene) {
        byte[] a = scene.entry("record/service/a");
        scene.store().entries.put("record/service/a", scene.entry("record/service/b"));
        scene.store().entries.put("record/service/b", a);
    }

    /// Tells the lie and starts the AECS anew on the store.
    static Noticed atStart(Lie lie, RootSecret root) {
        Scene scene = scene(root);
        lie.telling().accept(scene);
        return noticed(() -> open(scene.store(), root, null));
    }

    /// Rolls the whole store back while somebody remembers a newer head.
    static Noticed rollbackAgainstKnownHead(RootSecret root) {
        Scene scene = scene(root);
        KnownHead known = KnownHead.of(scene.state().head());
        scene.store().restore(scene.old());
        return noticed(() -> open(scene.store(), root, known));
    }

    /// Rolls the whole store back under a running replica.
    static Noticed rollbackUnderReplica(RootSecret root) {
        Scene scene = scene(root);
        scene.store().restore(scene.old());
        return noticed(() -> scene.state().refresh());
    }

    /// Shows two replicas two branches; they compare their heads.
    static Noticed fork(RootSecret root) {
        Scene scene = scene(root);
        byte[] headOfOne = scene.state().signedHead().toByteArray();
        scene.store().restore(scene.old());
        SealedState second = open(scene.store(), root, null);
        put(second, "service/a", "another branch");
        return noticed(() -> second.compare(headOfOne));
    }

    private static Scene scene(RootSecret root) {
        SimStore store = new SimStore();
        SealedState state = SealedState.create(
                store.door(), root, new SecureRandom(), CLOCK, change -> change.put("first", new byte[] {0}));
        put(state, "service/a", "one");
        put(state, "service/b", "two");
        NavigableMap<String, byte[]> old = store.copy();
        put(state, "service/a", "three");
        return new Scene(store, state, old);
    }

    private static void put(SealedState state, String name, String value) {
        state.transact(change -> change.put(name, value.getBytes(StandardCharsets.UTF_8)));
    }

    private static SealedState open(
            SimStore store, RootSecret root, @org.jspecify.annotations.Nullable KnownHead known) {
        return SealedState.open(store.door(), root, new SecureRandom(), CLOCK, known);
    }

    private static Noticed noticed(Runnable using) {
        try {
            using.run();
            return new Noticed("", "nothing was noticed");
        } catch (S3mlException e) {
            return new Noticed(e.code(), String.valueOf(e.getMessage()));
        }
    }
}
