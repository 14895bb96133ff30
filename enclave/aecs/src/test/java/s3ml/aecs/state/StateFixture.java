package s3ml.aecs.state;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// One root, one clock, and states opened with them.
final class StateFixture {
    static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-24T12:00:00Z"));

    final RootSecret root = RootSecret.create(new SecureRandom());
    final MemoryRecordStore store = new MemoryRecordStore();

    SealedState create() {
        return SealedState.create(store, root, new SecureRandom(), CLOCK, change -> change.put("first", bytes("0")));
    }

    SealedState open() {
        return open(null);
    }

    SealedState open(@Nullable KnownHead known) {
        return SealedState.open(store, root, new SecureRandom(), CLOCK, known);
    }

    static void put(SealedState state, String name, String value) {
        state.transact(change -> change.put(name, bytes(value)));
    }

    static String get(SealedState state, String name) {
        return state.read(view -> view.get(name))
                .map(record -> record.content().toStringUtf8())
                .orElse("(none)");
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
