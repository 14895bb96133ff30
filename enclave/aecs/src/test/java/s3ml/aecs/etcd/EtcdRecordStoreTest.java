package s3ml.aecs.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RecordStore.Write;
import s3ml.wire.etcd.KeyValue;

final class EtcdRecordStoreTest {
    /// Long enough for the first call of a cold and busy machine.
    private static final Duration CALL = Duration.ofSeconds(2);

    private static final Duration TOTAL = Duration.ofSeconds(20);

    private final FakeEtcd.Data data = new FakeEtcd.Data();
    private final FakeEtcd first = new FakeEtcd(data);
    private final FakeEtcd second = new FakeEtcd(data);
    private final RecordStore store = open(first, second);

    @AfterEach
    void stop() {
        store.close();
        first.close();
        second.close();
    }

    private static RecordStore open(FakeEtcd... members) {
        List<String> endpoints = new ArrayList<>();
        for (FakeEtcd member : members) {
            endpoints.add(member.endpoint());
        }
        EtcdConfig config = new EtcdConfig(endpoints, "s3ml/", CALL, TOTAL, Optional.empty());
        return EtcdRecordStore.open(config, new Random(1));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The checker reads the component's `@Nullable` as one of the array's elements.
    @SuppressWarnings("NullAway")
    private static Write deletion(String key) {
        return new Write(key, null);
    }

    @Test
    void a_commit_is_made_only_while_the_guard_holds_what_was_expected() {
        assertThat(store.commit("head", null, List.of(new Write("head", bytes("1")), new Write("a", bytes("x")))))
                .isTrue();
        assertThat(store.commit("head", null, List.of(new Write("head", bytes("2")))))
                .isFalse();
        assertThat(store.commit("head", bytes("0"), List.of(new Write("head", bytes("2")))))
                .isFalse();
        assertThat(store.commit("head", bytes("1"), List.of(new Write("head", bytes("2")), deletion("a"))))
                .isTrue();

        assertThat(store.getAll(List.of("a", "head", "absent"))).containsExactly(null, bytes("2"), null);
    }

    @Test
    void a_range_is_cut_at_its_end_and_at_its_limit_and_holds_no_mark_of_the_store() {
        store.commit(
                "head",
                null,
                List.of(new Write("head", bytes("1")), new Write("r/1", bytes("a")), new Write("r/2", bytes("b"))));

        assertThat(store.range("r/", "r0", 9)).containsOnlyKeys("r/1", "r/2");
        assertThat(store.range("r/", "r0", 1)).containsOnlyKeys("r/1");
        assertThat(store.range("!", "~", 9)).containsOnlyKeys("head", "r/1", "r/2");
    }

    @Test
    void more_keys_than_one_transaction_reads_are_read_in_pages_in_their_order() {
        List<Write> writes = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            keys.add("k" + i);
        }
        for (int i = 0; i < RecordStore.MAX_WRITES; i++) {
            writes.add(new Write("k" + 2 * i, bytes("v" + 2 * i)));
        }
        store.commit("head", null, writes);

        List<byte @Nullable []> values = store.getAll(keys);

        assertThat(values).hasSize(300);
        assertThat(values.get(238)).isEqualTo(bytes("v238"));
        assertThat(values.get(239)).isNull();
    }

    @Test
    void what_is_read_at_one_moment_holds_nothing_that_was_committed_meanwhile() {
        store.commit("head", null, List.of(new Write("head", bytes("1")), new Write("r/1", bytes("a"))));

        List<String> read = store.atOneMoment(reader -> {
            byte[] head = java.util.Objects.requireNonNull(
                    reader.getAll(List.of("head")).getFirst());
            store.commit("head", bytes("1"), List.of(new Write("head", bytes("2")), new Write("r/2", bytes("b"))));
            List<String> names = new ArrayList<>(reader.range("r/", "r0", 9).keySet());
            names.add(new String(head, StandardCharsets.UTF_8));
            return names;
        });

        assertThat(read).containsExactly("r/1", "1");
        assertThat(store.range("r/", "r0", 9)).containsOnlyKeys("r/1", "r/2");
    }

    @Test
    void a_reading_whose_moment_was_compacted_away_begins_again_at_a_newer_one() {
        store.commit("head", null, List.of(new Write("head", bytes("1"))));
        List<String> begun = new ArrayList<>();

        byte[] head = store.atOneMoment(reader -> {
            begun.add("again");
            reader.getAll(List.of("head"));
            if (begun.size() == 1) {
                store.commit("head", bytes("1"), List.of(new Write("head", bytes("2"))));
                data.compacted = data.revision;
            }
            reader.range("r/", "r0", 9);
            return reader.getAll(List.of("head")).getFirst();
        });

        assertThat(head).isEqualTo(bytes("2"));
        assertThat(begun).hasSize(2);
    }

    @Test
    void a_commit_that_a_member_refuses_is_made_by_the_next_one() {
        first.script.add(FakeEtcd.Fault.REFUSED);

        assertThat(store.commit("head", null, List.of(new Write("head", bytes("1")))))
                .isTrue();
        assertThat(data.transactions).isEqualTo(2);
    }

    @Test
    void a_commit_whose_answer_was_lost_is_made_once_and_reported_as_made() {
        first.script.add(FakeEtcd.Fault.ANSWER_LOST);
        long before = data.revision;

        assertThat(store.commit("head", null, List.of(new Write("head", bytes("1")))))
                .isTrue();
        assertThat(data.revision).isEqualTo(before + 1);
    }

    @Test
    void a_commit_whose_answer_was_lost_is_reported_as_made_even_when_another_one_follows_before_it_is_asked_again() {
        first.script.add(FakeEtcd.Fault.ANSWER_LOST_AND_OVERTAKEN);
        data.overtaking = () -> data.values.put("s3ml/head", ByteString.copyFromUtf8("theirs"));

        assertThat(store.commit("head", null, List.of(new Write("head", bytes("1")), new Write("a", bytes("x")))))
                .isTrue();
        assertThat(store.getAll(List.of("head", "a"))).containsExactly(bytes("theirs"), bytes("x"));
    }

    @Test
    void a_commit_that_was_refused_and_then_overtaken_is_reported_as_not_made() {
        first.script.add(FakeEtcd.Fault.OVERTAKEN_AND_REFUSED);
        data.overtaking = () -> data.values.put("s3ml/head", ByteString.copyFromUtf8("theirs"));

        assertThat(store.commit("head", null, List.of(new Write("head", bytes("1")), new Write("a", bytes("x")))))
                .isFalse();
        assertThat(store.getAll(List.of("head", "a"))).containsExactly(bytes("theirs"), null);
    }

    @Test
    void a_member_that_hangs_costs_one_call_and_no_commit() {
        first.script.add(FakeEtcd.Fault.HANGS);

        assertThat(store.commit("head", null, List.of(new Write("head", bytes("1")))))
                .isTrue();
        assertThat(store.getAll(List.of("head"))).containsExactly(bytes("1"));
    }

    @Test
    void the_mark_of_a_store_is_its_own_and_gone_after_close() {
        store.commit("head", null, List.of(new Write("head", bytes("1"))));
        assertThat(data.values.keySet()).anyMatch(key -> key.startsWith("s3ml/~writer/"));

        store.close();

        assertThat(data.values).containsOnlyKeys("s3ml/head");
    }

    @Test
    void a_cluster_where_nobody_answers_is_a_failure_that_says_so_in_time() {
        List<String> members = List.of(first.endpoint(), second.endpoint());
        EtcdConfig config = EtcdConfig.parse("etcd:" + String.join(",", members))
                .with(Duration.ofMillis(200), Duration.ofMillis(900));
        first.close();
        second.close();
        long before = System.nanoTime();

        try (RecordStore unreachable = EtcdRecordStore.open(config, new Random(2))) {
            assertThatThrownBy(() -> unreachable.getAll(List.of("head")))
                    .hasMessageContaining("AECS-301")
                    .hasMessageContaining("no member answered")
                    .hasMessageContaining(members.getFirst() + " last said UNAVAILABLE")
                    .hasMessageContaining(members.getLast() + " last said UNAVAILABLE");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void answers_with_foreign_keys_or_too_many_values_are_refused() {
        store.commit("head", null, List.of(new Write("head", bytes("1"))));
        KeyValue foreign = KeyValue.newBuilder()
                .setKey(ByteString.copyFromUtf8("other/head"))
                .build();

        first.lie(range -> range.clearKvs().addKvs(foreign));
        second.lie(range -> range.clearKvs().addKvs(foreign));
        assertThatThrownBy(() -> store.getAll(List.of("head"))).hasMessageContaining("another key");
        assertThatThrownBy(() -> store.range("a", "z", 5)).hasMessageContaining("outside");

        first.lie(range -> range.addKvs(foreign).addKvs(foreign));
        second.lie(range -> range.addKvs(foreign).addKvs(foreign));
        assertThatThrownBy(() -> store.range("a", "z", 1)).hasMessageContaining("entries where 1 were asked for");
        assertThatThrownBy(() -> store.getAll(List.of("head"))).hasMessageContaining("another key");
    }
}
