package s3ml.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import s3ml.attest.Appraiser;
import s3ml.attest.CollateralSource;
import s3ml.attest.PccsClient;
import s3ml.attest.Platform;
import s3ml.attest.Policy;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;
import s3ml.protocol.NativeCrypto;
import s3ml.protocol.trace.SpanFile;
import s3ml.server.engine.ModelUse;

/// One model server as a process: attests the AECS, takes a lease, serves under it, and renews it until the end.
///
/// Faults: `SRV-323` the measured AECS policy cannot be read.
public final class ServerProcess implements AutoCloseable {
    /// Which AECS this server believes: a file that is measured with it, so that the host cannot exchange it.
    private static final Path AECS_POLICY = Path.of("data", "aecs-policy.json");

    private final AecsChannel channel;
    private final LeaseKeeper keeper;
    private final ModelServer server;

    private ServerProcess(AecsChannel channel, LeaseKeeper keeper, ModelServer server) {
        this.channel = channel;
        this.keeper = keeper;
        this.server = server;
    }

    /// Runs a server with collateral from the configured PCCS until the process is asked to end (SIGTERM): one line on
    /// standard output when it serves, events as JSON lines on standard error.
    public static void run(Platform platform, ServerConfig config) throws InterruptedException {
        run(platform, config, PccsClient.at(config.pccs()), ModelUse.UNWATCHED);
    }

    /// As the other, with collateral from elsewhere, and with somebody who is told what the models do.
    public static void run(Platform platform, ServerConfig config, CollateralSource collateral, ModelUse use)
            throws InterruptedException {
        boolean simulated = platform.issuer().simulated();
        EventLog log = ModelServer.log(System.err, simulated);
        AecsVerifier verifier = new AecsVerifier(
                new Appraiser(NativeCrypto.provider()), aecsPolicy(), collateral, InstantSource.system());
        ServerProcess process = start(platform, config, verifier, log, use);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            process.close();
            // The JVM would end with the signal's status, as if it had been cut off.
            Runtime.getRuntime().halt(0);
        }));
        System.out.println(Json.write(JsonObject.builder()
                .put("ready", true)
                .put("restPort", process.server.restPort())
                .put("grpcPort", process.server.grpcPort())
                .put("metricsPort", process.server.metricsPort())
                .put("modelsReady", process.server.isReady())
                .put("simulated", simulated)
                .build()));
        System.out.flush();
        Thread.currentThread().join();
    }

    private static Policy aecsPolicy() {
        try {
            return Policy.parse(Files.readString(AECS_POLICY, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new S3mlException(
                    "SRV-323",
                    "cannot read the policy for the AECS",
                    AECS_POLICY + ": " + e.getMessage(),
                    "put aecs-policy.json among the measured data files",
                    e);
        }
    }

    /// Starts a server in this process; returns when its models were tried.
    static ServerProcess start(
            Platform platform, ServerConfig config, AecsVerifier verifier, EventLog log, ModelUse use)
            throws InterruptedException {
        AecsChannel channel = new AecsChannel(config.aecs(), verifier, new SecureRandom());
        KeyReleaseClient client = new KeyReleaseClient(channel, platform.issuer());
        SpanFile spans = ModelServer.spans(config);
        LeaseKeeper keeper =
                new LeaseKeeper(LeaseKeeper.Source.of(client), config.service(), InstantSource.system(), log, spans);
        try (Lease lease = keeper.first()) {
            ModelServer server = new ModelServer(config, ServingKeys.of(lease), log, use, spans);
            server.released(lease.receipt());
            keeper.keep(lease, new Renewal(server, log));
            return new ServerProcess(channel, keeper, server);
        }
    }

    @Override
    public void close() {
        keeper.close();
        server.close();
        channel.close();
    }
}
