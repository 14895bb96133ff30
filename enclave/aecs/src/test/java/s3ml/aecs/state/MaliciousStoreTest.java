package s3ml.aecs.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.aecs.state.StateFixture.get;
import static s3ml.aecs.state.StateFixture.put;

import java.security.SecureRandom;
import java.util.NavigableMap;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Everything that a storage can do to records without their keys; each is detected and named.
final class MaliciousStoreTest {
    private final StateFixture fixture = new StateFixture();
    private final NavigableMap<String, byte[]> entries = fixture.store.entries;
    private SealedState state = fixture.create();

    @BeforeEach
    void two_records_exist() {
        put(state, "service/a", "first");
        put(state, "service/b", "other");
    }

    @AfterEach
    void close() {
        state.close();
    }

    private void flipBit(String key, int at) {
        Objects.requireNonNull(entries.get(key))[at] ^= 1;
    }

    private void opensOnlyWith(String code, String... words) {
        assertThatThrownBy(fixture::open).hasMessageContaining(code).message().contains(words);
    }

    @Test
    void an_untouched_store_opens() {
        try (SealedState again = fixture.open()) {
            assertThat(get(again, "service/a")).isEqualTo("first");
        }
    }

    @Test
    void an_altered_record_is_named() {
        flipBit("record/service/a", 20);

        opensOnlyWith("AECS-302", "service/a", "altered");
    }

    @Test
    void a_deleted_record_is_named() {
        entries.remove("record/service/a");

        opensOnlyWith("AECS-302", "service/a", "deleted");
    }

    @Test
    void an_inserted_record_is_named() {
        entries.put("record/service/c", entries.get("record/service/a"));

        opensOnlyWith("AECS-302", "service/c", "inserted");
    }

    @Test
    void a_replayed_record_is_named_with_both_versions() {
        byte[] old = entries.get("record/service/a");
        put(state, "service/a", "second");
        entries.put("record/service/a", old);

        opensOnlyWith("AECS-302", "service/a", "replayed");
    }

    @Test
    void swapped_records_are_named() {
        byte[] a = entries.get("record/service/a");
        entries.put("record/service/a", entries.get("record/service/b"));
        entries.put("record/service/b", a);

        opensOnlyWith("AECS-302", "service/a", "service/b", "swapped");
    }

    @Test
    void a_deleted_record_that_comes_back_is_named() {
        byte[] old = entries.get("record/service/a");
        state.transact(change -> {
            change.delete("service/a");
            return true;
        });
        entries.put("record/service/a", old);

        opensOnlyWith("AECS-302", "service/a", "inserted");
    }

    @Test
    void a_truncated_chain_is_named() {
        entries.remove(Keys.commit(2));

        opensOnlyWith("AECS-303", "commit 2", "truncated");
    }

    @Test
    void an_altered_commit_is_named() {
        flipBit(Keys.commit(2), 30);

        opensOnlyWith("AECS-303", "commit");
    }

    @Test
    void a_missing_head_is_refused() {
        entries.remove(Keys.HEAD);

        opensOnlyWith("AECS-304", "missing");
    }

    @Test
    void an_altered_head_is_refused() {
        flipBit(Keys.HEAD, 10);

        opensOnlyWith("AECS-304", "head");
    }

    @Test
    void a_head_of_another_aecs_is_refused() {
        StateFixture other = new StateFixture();
        try (SealedState foreign = other.create()) {
            assertThat(foreign.head().getSequence()).isEqualTo(1);
            entries.put(Keys.HEAD, other.store.entries.get(Keys.HEAD));
        }

        opensOnlyWith("AECS-304", "signature");
    }

    @Test
    void an_old_head_over_newer_records_is_refused() {
        byte[] old = entries.get(Keys.HEAD);
        put(state, "service/a", "second");
        entries.put(Keys.HEAD, old);

        opensOnlyWith("AECS-302", "service/a");
    }

    @Test
    void a_missing_part_of_a_checkpoint_is_refused() {
        for (int i = 0; i < 1_030; i++) {
            put(state, "service/a", "value " + i);
        }
        String part = entries.ceilingKey(Keys.CHECKPOINTS);
        assertThat(part).startsWith(Keys.CHECKPOINTS);
        entries.remove(part);

        opensOnlyWith("AECS-303", "checkpoint", "truncated");
    }

    @Test
    void a_store_that_was_rolled_back_as_a_whole_is_refused_by_who_remembers_a_head() {
        NavigableMap<String, byte[]> old = fixture.store.copy();
        put(state, "service/a", "second");
        KnownHead known = KnownHead.of(state.head());
        fixture.store.restore(old);

        assertThatThrownBy(() -> fixture.open(known))
                .hasMessageContaining("AECS-305")
                .hasMessageContaining("rolled back");
    }

    @Test
    void a_running_replica_notices_that_its_store_was_rolled_back_and_stops_using_it() {
        NavigableMap<String, byte[]> old = fixture.store.copy();
        put(state, "service/a", "second");
        fixture.store.restore(old);

        assertThatThrownBy(state::refresh).hasMessageContaining("AECS-305").hasMessageContaining("rolled back");
        assertThatThrownBy(() -> get(state, "service/a")).hasMessageContaining("AECS-308");
        assertThatThrownBy(() -> put(state, "service/a", "third")).hasMessageContaining("AECS-308");
    }

    @Test
    void a_fork_shown_to_one_replica_is_noticed_when_it_meets_the_other_branch() {
        NavigableMap<String, byte[]> common = fixture.store.copy();
        put(state, "service/a", "branch one");
        NavigableMap<String, byte[]> one = fixture.store.copy();
        fixture.store.restore(common);
        try (SealedState second = fixture.open()) {
            put(second, "service/a", "branch two");
            put(second, "service/a", "branch two, longer");

            fixture.store.restore(one);

            assertThatThrownBy(second::refresh).hasMessageContaining("AECS-305");
        }
    }

    @Test
    void replicas_on_two_branches_notice_when_they_compare_their_heads() {
        NavigableMap<String, byte[]> common = fixture.store.copy();
        put(state, "service/a", "branch one");
        byte[] headOfOne = state.signedHead().toByteArray();
        fixture.store.restore(common);
        try (SealedState second = fixture.open()) {
            put(second, "service/a", "branch two");

            assertThatThrownBy(() -> second.compare(headOfOne))
                    .hasMessageContaining("AECS-305")
                    .hasMessageContaining("forked");
        }
    }

    @Test
    void replicas_on_one_branch_agree_whatever_their_distance() {
        byte[] early = state.signedHead().toByteArray();
        put(state, "service/a", "second");
        put(state, "service/a", "third");

        state.compare(early);

        assertThat(state.broken()).isEmpty();
    }

    @Test
    void a_record_sealed_under_another_root_is_refused() {
        RecordSealer stranger = new RecordSealer(RootSecret.create(new SecureRandom()), new SecureRandom());
        entries.put("record/service/a", stranger.seal("service/a", 2, StateFixture.bytes("forged")));

        opensOnlyWith("AECS-302", "service/a", "altered");
    }
}
