package s3ml.sim.aecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.aecs.AecsConfig;
import s3ml.client.log.WitnessDesk;
import s3ml.client.log.WitnessServer;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.CreateService;

/// What the metrics of an AECS say of its log and of its witnesses.
final class WitnessedLogTest {
    private static final String SIZE = "s3ml_aecs_log_size";
    private static final String SIGNED = "s3ml_aecs_log_cosigned_size";

    @TempDir
    private Path folder = Path.of(".");

    private final KeyPair key = Signatures.generate();
    private final HttpClient http = HttpClient.newHttpClient();
    private int metricsPort;
    private AecsRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new AecsRig(folder);
        try (ServerSocket socket = new ServerSocket(0)) {
            metricsPort = socket.getLocalPort();
        }
    }

    @AfterEach
    void close() {
        rig.close();
        http.close();
    }

    @Test
    void what_the_witness_signed_follows_the_log_and_stays_behind_it_once_the_witness_is_gone() throws Exception {
        WitnessDesk desk =
                new WitnessDesk(folder.resolve("heads"), key, (instance, identity) -> true, InstantSource.system());
        try (WitnessServer witness =
                WitnessServer.start(desk, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Endpoint address = new Endpoint("127.0.0.1", witness.port());
            restart(new AecsConfig.Witnesses(List.of(new AecsConfig.Witness(address, key.getPublic())), 1));
            createService("early");

            for (int i = 0; i < 300 && metric(SIGNED) < metric(SIZE); i++) {
                Thread.sleep(100);
            }
            assertThat(metric(SIGNED)).isPositive().isEqualTo(metric(SIZE));
        }
        long signed = metric(SIGNED);

        createService("late");

        assertThat(metric(SIZE)).isGreaterThan(signed);
        assertThat(metric(SIGNED)).isEqualTo(signed);
        assertThat(metric("s3ml_aecs_witnesses")).isEqualTo(1);
    }

    @Test
    void without_witnesses_nothing_is_signed_and_the_metrics_say_that_there_are_none() throws Exception {
        restart(AecsConfig.Witnesses.NONE);

        assertThat(metric(SIZE)).isPositive();
        assertThat(metric(SIGNED)).isZero();
        assertThat(metric("s3ml_aecs_witnesses")).isZero();
    }

    private void restart(AecsConfig.Witnesses witnesses) {
        AecsConfig usual = rig.config();
        rig.process.close();
        rig.process = rig.start(
                AecsRig.AECS,
                new AecsConfig(
                        new AecsConfig.Listen("127.0.0.1", 0, Optional.of(metricsPort)),
                        usual.store(),
                        usual.rootFile(),
                        usual.bootstrap(),
                        usual.pccs(),
                        usual.times(),
                        usual.replicas(),
                        witnesses,
                        Optional.empty()));
    }

    private void createService(String name) {
        AecsRig.done(rig.command(
                rig.admin,
                command -> command.setCreateService(CreateService.newBuilder()
                        .setService(name)
                        .setServiceAdminKey(
                                ByteString.copyFrom(rig.owner.getPublic().getEncoded()))
                        .addNames(name + ".example"))));
    }

    private long metric(String name) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }
}
