package s3ml.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;

/// Which statuses another replica is asked after.
final class GrpcFaultTest {
    private static String code(Status status) {
        return ((S3mlException) GrpcFault.of("grpc://replica", status.asRuntimeException(), Duration.ofSeconds(1)))
                .code();
    }

    @Test
    void a_channel_that_closes_under_a_call_is_a_lost_connection() {
        Status closed = Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());

        assertThat(code(closed)).isEqualTo(TransportFault.CONNECTION_LOST);
        assertThat(code(Status.UNAVAILABLE)).isEqualTo(TransportFault.CONNECTION_LOST);
    }

    @Test
    void what_a_replica_says_is_not_asked_again() {
        assertThat(code(Status.UNKNOWN.withDescription("application failed"))).isEqualTo("CLI-124");
        assertThat(code(Status.INTERNAL)).isEqualTo("CLI-124");
        assertThat(code(Status.INVALID_ARGUMENT)).isEqualTo("CLI-122");
        assertThat(code(Status.RESOURCE_EXHAUSTED)).isEqualTo("CLI-123");
        assertThat(code(Status.DEADLINE_EXCEEDED)).isEqualTo("CLI-121");
    }
}
