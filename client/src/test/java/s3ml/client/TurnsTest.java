package s3ml.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Which connection a call begins with.
final class TurnsTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final InferenceTransport a = new Unused();
    private final InferenceTransport b = new Unused();
    private final InferenceTransport c = new Unused();
    private final Turns turns = new Turns(List.of(a, b, c), now::get);

    private static final class Unused implements InferenceTransport {
        @Override
        public CompletableFuture<InferenceResponse> infer(InferenceRequest request, Duration timeout) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ModelMetadata> metadata(String model, String version, Duration timeout) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void connectionLost() {}

        @Override
        public void close() {}
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void each_begins_in_its_turn() {
        assertThat(List.of(first(), first(), first())).containsExactlyInAnyOrder(a, b, c);
        assertThat(turns.order()).containsExactlyInAnyOrder(a, b, c);
    }

    private InferenceTransport first() {
        return turns.order().getFirst();
    }

    @Test
    void a_lost_one_comes_last_until_it_has_rested() {
        turns.lost(b);

        for (int i = 0; i < 6; i++) {
            assertThat(turns.order()).endsWith(b).hasSize(3);
        }
        pass(Duration.ofMillis(1001));
        assertThat(List.of(first(), first(), first())).contains(b);
    }

    @Test
    void each_further_loss_doubles_the_rest_and_an_answer_ends_it() {
        turns.lost(b);
        turns.lost(b);
        pass(Duration.ofMillis(1001));
        turns.lost(b);
        pass(Duration.ofMillis(1999));
        assertThat(List.of(first(), first(), first())).doesNotContain(b);
        pass(Duration.ofMillis(2));
        assertThat(List.of(first(), first(), first())).contains(b);

        for (int i = 0; i < 10; i++) {
            turns.lost(b);
            pass(Duration.ofSeconds(17));
        }
        assertThat(List.of(first(), first(), first())).contains(b);

        turns.lost(b);
        turns.answered(b);
        assertThat(List.of(first(), first(), first())).contains(b);
        turns.lost(b);
        pass(Duration.ofMillis(1001));
        assertThat(List.of(first(), first(), first())).contains(b);
    }

    @Test
    void where_all_are_lost_all_are_tried() {
        turns.lost(a);
        turns.lost(b);
        turns.lost(c);

        assertThat(turns.order()).containsExactlyInAnyOrder(a, b, c);
    }
}
