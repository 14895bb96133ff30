package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;
import s3ml.protocol.Lease;
import s3ml.protocol.trace.CallTrace;
import s3ml.protocol.trace.SpanFile;

final class LeaseKeeperTest {
    private Instant now = Instant.parse("2026-11-25T00:00:00Z");
    private final AtomicInteger asked = new AtomicInteger();

    private S3mlException answer(Status status) {
        return new S3mlException(
                "PRO-140", "the AECS refused the call", status.toString(), "look there", status.asRuntimeException());
    }

    private final SpanFile spans =
            new SpanFile(Optional.empty(), "test", InstantSource.system(), new SplittableRandom(1));
    private final List<String> traces = new ArrayList<>();
    private final LeaseKeeper.Outcomes outcomes = new LeaseKeeper.Outcomes() {
        @Override
        public void leased(Lease lease) {
            throw new IllegalStateException("there is no lease");
        }

        @Override
        public void leaseFailed(S3mlException failure) {
            traces.add(CallTrace.current().orElseThrow().traceId());
        }
    };

    /// An AECS whose answers each take most of the patience, by the clock of the test.
    private LeaseKeeper keeper(Status... answers) {
        LeaseKeeper.Source source = new LeaseKeeper.Source() {
            @Override
            public Lease release(String service) {
                now = now.plus(LeaseKeeper.REFUSED_PATIENCE.minus(Duration.ofSeconds(1)));
                throw answer(answers[Math.min(asked.getAndIncrement(), answers.length - 1)]);
            }

            @Override
            public Lease renew(Lease lease) {
                throw new IllegalStateException("there is no lease");
            }
        };
        return new LeaseKeeper(source, "s", () -> now, outcomes, spans);
    }

    @Test
    void a_server_that_is_refused_for_long_ends_with_the_refusal() {
        LeaseKeeper keeper = keeper(Status.PERMISSION_DENIED);

        assertThatThrownBy(keeper::first).isInstanceOf(S3mlException.class).hasMessageContaining("PERMISSION_DENIED");
        assertThat(asked).hasValue(3);
    }

    @Test
    void each_request_for_a_lease_is_a_trace_of_its_own() {
        LeaseKeeper keeper = keeper(Status.PERMISSION_DENIED);

        assertThatThrownBy(keeper::first).isInstanceOf(S3mlException.class);

        assertThat(traces).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void a_lease_ends_when_its_time_is_up_or_at_once_when_the_AECS_takes_it_back() {
        S3mlException away = answer(Status.UNAVAILABLE);
        S3mlException denied = answer(Status.PERMISSION_DENIED.withDescription("AECS-210"));
        S3mlException takenBack = answer(Status.PERMISSION_DENIED.withDescription("AECS-211"));
        Instant later = now.plusSeconds(1);

        assertThat(LeaseKeeper.hasEnded(away, now, later)).isFalse();
        assertThat(LeaseKeeper.hasEnded(denied, now, later)).isFalse();
        assertThat(LeaseKeeper.hasEnded(takenBack, now, later)).isTrue();
        assertThat(LeaseKeeper.hasEnded(away, later, later)).isTrue();
    }

    @Test
    void an_AECS_that_was_away_in_between_starts_the_wait_anew() {
        LeaseKeeper keeper = keeper(
                Status.PERMISSION_DENIED, Status.PERMISSION_DENIED, Status.UNAVAILABLE, Status.PERMISSION_DENIED);

        assertThatThrownBy(keeper::first).hasMessageContaining("PERMISSION_DENIED");
        assertThat(asked).hasValue(6);
    }
}
