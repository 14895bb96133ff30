package s3ml.sim.aecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.aecs.AecsConfig;
import s3ml.protocol.AecsChannel;

/// What an AECS answers to anybody, over real gRPC.
final class EndpointTest {
    @TempDir
    private Path folder = Path.of(".");

    private AecsRig rig;

    @BeforeEach
    void start() {
        rig = new AecsRig(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static ServingStatus health(AecsChannel channel, String service) {
        return channel.call((calls, aecs) -> HealthGrpc.newBlockingStub(calls)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus());
    }

    @Test
    void a_probe_learns_that_the_aecs_serves() {
        AecsChannel channel = rig.channel();

        assertThat(health(channel, "")).isEqualTo(ServingStatus.SERVING);
        assertThat(health(channel, "s3ml.aecs.v1.KeyRelease")).isEqualTo(ServingStatus.SERVING);
        assertThatThrownBy(() -> health(channel, "another")).hasMessageContaining("NOT_FOUND");
    }

    @Test
    void a_peer_that_asks_too_much_is_refused_with_a_code() {
        AecsConfig usual = rig.config();
        rig.process.close();
        rig.process = rig.start(
                AecsRig.AECS,
                new AecsConfig(
                        new AecsConfig.Listen("127.0.0.1", 0, Optional.empty(), 1),
                        usual.store(),
                        usual.rootFile(),
                        usual.bootstrap(),
                        usual.pccs(),
                        usual.times(),
                        usual.replicas()));
        AecsChannel channel = rig.channel();

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 20; i++) {
                        health(channel, "");
                    }
                })
                .hasMessageContaining("RESOURCE_EXHAUSTED")
                .hasMessageContaining("AECS-220");
    }
}
