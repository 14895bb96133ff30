package s3ml.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import s3ml.attest.Appraiser;
import s3ml.attest.CollateralSource;
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
import s3ml.server.engine.InferenceEngine;
import s3ml.server.repository.ModelRepository;
import s3ml.server.repository.Serving;
import s3ml.server.rest.SealedDoor;
import s3ml.server.tls.ServingTls;

/// One model server: attests the AECS, takes a lease, opens the models it names, and serves until it is closed.
///
/// Faults: `SRV-323` the measured AECS policy cannot be read.
public final class ServerProcess implements AutoCloseable {
    /// Which AECS this server believes: a file that is measured with it, so that the host cannot exchange it.
    private static final Path AECS_POLICY = Path.of("data", "aecs-policy.json");

    private static final String VERSION = "0.1.0";

    private final AecsChannel channel;
    private final LeaseKeeper keeper;
    private final InferenceEngine engine;
    private final ModelRepository repository;
    private final Serving serving;
    private final Listeners listeners;
    private final EventLog log;

    private ServerProcess(Started started, LeaseKeeper keeper, EventLog log, Listeners listeners) {
        this.channel = started.channel();
        this.engine = started.engine();
        this.repository = started.repository();
        this.serving = started.serving();
        this.keeper = keeper;
        this.log = log;
        this.listeners = listeners;
    }

    private record Started(AecsChannel channel, InferenceEngine engine, ModelRepository repository, Serving serving) {}

    /// Runs a server until the process is asked to end (SIGTERM): one line on standard output when it serves, events as
    /// JSON lines on standard error.
    public static void run(Platform platform, ServerConfig config, CollateralSource collateral)
            throws InterruptedException {
        EventLog log = new EventLog(
                System.err, InstantSource.system(), platform.issuer().simulated());
        CountDownLatch ended = new CountDownLatch(1);
        ServerProcess process = start(platform, config, aecsPolicy(), collateral, log);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            process.close();
            ended.countDown();
        }));
        System.out.println(Json.write(JsonObject.builder()
                .put("ready", true)
                .put("restPort", process.restPort())
                .put("grpcPort", process.grpcPort())
                .put("metricsPort", process.listeners.metricsPort())
                .put("simulated", platform.issuer().simulated())
                .build()));
        System.out.flush();
        ended.await();
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
            Platform platform, ServerConfig config, Policy aecs, CollateralSource collateral, EventLog log)
            throws InterruptedException {
        AecsVerifier verifier =
                new AecsVerifier(new Appraiser(NativeCrypto.provider()), aecs, collateral, InstantSource.system());
        AecsChannel channel = new AecsChannel(config.aecs(), verifier, new SecureRandom());
        KeyReleaseClient client = new KeyReleaseClient(channel, platform.issuer());
        InferenceEngine engine = new InferenceEngine(config.limits().queuedBytes());
        ModelRepository repository = new ModelRepository(engine, config.models(), new SecureRandom(), log);
        Started started = new Started(channel, engine, repository, new Serving(repository, engine));
        LeaseKeeper keeper = new LeaseKeeper(client, config.service(), InstantSource.system(), log);
        try (Lease lease = keeper.first()) {
            ServingTls tls = ServingTls.of(lease.tls(), lease.ticketKeys());
            SealedDoor sealed = new SealedDoor(new SecureRandom(), InstantSource.system());
            sealed.renew(lease.hpkeKeys());
            Listeners listeners = new Listeners(config, started.serving(), tls, sealed, VERSION);
            log.leased(lease);
            repository.released(lease.models()).join();
            listeners.announce(started.serving().isReady());
            keeper.keep(lease, new Renewal(started.serving(), tls, sealed, listeners, log));
            return new ServerProcess(started, keeper, log, listeners);
        }
    }

    public int restPort() {
        return listeners.restPort();
    }

    public int grpcPort() {
        return listeners.grpcPort();
    }

    /// Stops taking requests, answers what was taken, and gives everything back.
    @Override
    public void close() {
        log.write(log.event("info", "draining"));
        serving.drain();
        keeper.close();
        listeners.close();
        engine.close();
        repository.close();
        channel.close();
        log.write(log.event("info", "ended"));
    }
}
