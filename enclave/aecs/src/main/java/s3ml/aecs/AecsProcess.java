package s3ml.aecs;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.endpoint.AecsServer.TlsIdentity;
import s3ml.aecs.endpoint.Endpoints;
import s3ml.aecs.endpoint.RecoveryEndpoint;
import s3ml.aecs.etcd.EtcdConfig;
import s3ml.aecs.etcd.EtcdRecordStore;
import s3ml.aecs.keys.ServiceKeys;
import s3ml.aecs.release.Appraisal;
import s3ml.aecs.release.Nonces;
import s3ml.aecs.replica.HeadWatch;
import s3ml.aecs.replica.RecoveryDesk.Recovered;
import s3ml.aecs.replica.WitnessWatch;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.SqliteRecordStore;
import s3ml.attest.CollateralSource;
import s3ml.attest.Platform;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Endpoint;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogEntryKind;

/// One AECS: opens its state, then serves until it is closed. When the state can be opened by the admins' shares only,
/// it serves recovery, and everything else once that is done.
public final class AecsProcess implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final Platform platform;
    private final AecsConfig config;
    private final CollateralSource collateral;
    private final Aecs.Context context;
    private final RecordStore store;
    private final TlsIdentity tls;
    private @Nullable RecoveryEndpoint recovery;
    private @Nullable Running running;
    private boolean closed;

    private AecsProcess(
            Platform platform,
            AecsConfig config,
            CollateralSource collateral,
            Aecs.Context context,
            RecordStore store) {
        this.platform = platform;
        this.config = config;
        this.collateral = collateral;
        this.context = context;
        this.store = store;
        this.tls = TlsIdentity.create(
                context.random(), context.clock().instant(), platform.issuer().simulated());
    }

    /// What serves once the state is open.
    private record Running(Aecs aecs, Endpoints endpoints, HeadWatch watch, WitnessWatch witnesses) {}

    /// Runs an AECS until the process is asked to end (SIGTERM): one line on standard output when it serves, events as
    /// JSON lines on standard error.
    public static void run(Platform platform, AecsConfig config) {
        run(platform, config, InstantSource.system());
    }

    /// As the other, by another clock than the machine's.
    public static void run(Platform platform, AecsConfig config, InstantSource clock) {
        NativeSqlite.preferInstalled();
        AuditLog audit = new AuditLog(System.err, clock, platform.issuer().simulated());
        AecsProcess process = start(
                platform,
                config,
                Collaterals.from(config.pccs(), config.rootFile(), clock),
                new Aecs.Context(clock, new SecureRandom(), audit));
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            process.close();
            audit.event("info", "ended").write();
            // Having been asked to end is success; without this the JVM would report the signal as its status.
            Runtime.getRuntime().halt(0);
        }));
        System.out.println(Json.write(process.readyLine()));
        System.out.flush();
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.close();
        }
    }

    private synchronized JsonObject readyLine() {
        JsonObject.Builder ready = JsonObject.builder().put("ready", true).put("port", port());
        Running now = running;
        if (now == null) {
            ready.put("recovering", true);
        } else {
            now.endpoints().metricsPort().ifPresent(port -> ready.put("metricsPort", port));
            ready.put("instanceId", HexFormat.of().formatHex(now.aecs().root().instanceId()));
        }
        return ready.put("simulated", platform.issuer().simulated()).build();
    }

    /// Starts an AECS in this process.
    public static AecsProcess start(
            Platform platform, AecsConfig config, CollateralSource collateral, Aecs.Context context) {
        RecordStore store = open(config.store(), context.random());
        try {
            AecsProcess process = new AecsProcess(platform, config, collateral, context, store);
            process.begin();
            return process;
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /// Opens the store that a configuration names.
    ///
    /// @param random names this process among those that share an etcd
    static RecordStore open(AecsConfig.Store store, SecureRandom random) {
        return switch (store) {
            case AecsConfig.SqliteStore sqlite -> SqliteRecordStore.open(sqlite.file());
            case AecsConfig.EtcdStore etcd -> EtcdRecordStore.open(reached(etcd), random);
        };
    }

    private static EtcdConfig reached(AecsConfig.EtcdStore etcd) {
        EtcdConfig plain =
                EtcdConfig.of(etcd.endpoints().stream().map(Endpoint::toString).toList(), etcd.prefix());
        return etcd.tls()
                .map(tls -> plain.with(new EtcdConfig.Access(Optional.of(tls), Optional.empty())))
                .orElse(plain);
    }

    private synchronized void begin() {
        Opening opening = new Opening(platform, config, store, context);
        switch (opening.open(collateral)) {
            case Opening.Opened opened -> serve(opened);
            case Opening.NeedsRecovery needed -> {
                context.audit()
                        .event("error", "recovery-needed")
                        .with("reason", needed.reason())
                        .write();
                recovery = RecoveryEndpoint.start(
                        config.listen(),
                        new RecoveryEndpoint.Setting(store, platform.issuer(), tls, context),
                        recovered -> {
                            opening.vouch(recovered.state(), recovered.root());
                            Thread.ofVirtual().start(() -> recovered(opening, recovered));
                        });
                if (!config.replicas().peers().isEmpty()) {
                    Thread.ofVirtual().start(() -> askAgain(opening));
                }
            }
        }
    }

    /// A peer may come up later, or be allowed later by the admins to give the root to this enclave.
    private void askAgain(Opening opening) {
        Duration pause = FIRST_PAUSE;
        while (recovering()) {
            try {
                Thread.sleep(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
                opening.join(collateral).ifPresent(this::joined);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (S3mlException e) {
                // The store is away, or does not hold the head that the peer saw: the next try may find it again.
                context.audit()
                        .event("warn", "not-joined")
                        .with("reason", String.valueOf(e.getMessage()))
                        .write();
            }
        }
    }

    private synchronized void joined(Opening.Opened opened) {
        OptionalInt port = endRecovery();
        if (port.isEmpty()) {
            opened.state().close();
            opened.root().close();
            return;
        }
        serve(opened, port.getAsInt());
    }

    private synchronized void recovered(Opening opening, Recovered recovered) {
        OptionalInt port = endRecovery();
        if (port.isEmpty()) {
            return;
        }
        recovered
                .state()
                .transact(change -> change.log(LogEntry.newBuilder()
                        .setKind(LogEntryKind.RECOVERED)
                        .setAtUnixMillis(context.clock().millis())
                        .build()
                        .toByteArray()));
        opening.seal(recovered.state(), recovered.root());
        context.audit().event("info", "recovered").write();
        serve(new Opening.Opened(recovered.state(), recovered.root()), port.getAsInt());
    }

    /// Frees the port for what comes next; empty if recovery has ended already.
    private OptionalInt endRecovery() {
        RecoveryEndpoint ended = recovery;
        if (closed || ended == null) {
            return OptionalInt.empty();
        }
        int port = ended.port();
        ended.close();
        recovery = null;
        return OptionalInt.of(port);
    }

    private void serve(Opening.Opened opened) {
        serve(opened, config.listen().port());
    }

    private void serve(Opening.Opened opened, int port) {
        AecsConfig.Times times = config.times();
        Aecs aecs = new Aecs(
                opened.state(),
                opened.root(),
                platform.issuer(),
                new Appraisal(collateral, context.clock()),
                new Nonces(context.random(), context.clock(), times.challenge()),
                new ServiceKeys(context.random(), times.lease(), times.ticketKeys(), times.hpkeKeys()),
                config,
                context);
        WitnessWatch witnesses = WitnessWatch.of(aecs);
        Endpoints endpoints = Endpoints.start(aecs, tls, port, witnesses::coSigned);
        witnesses.start();
        running = new Running(
                aecs, endpoints, HeadWatch.start(aecs, config.replicas().peers()), witnesses);
    }

    /// The port of gRPC.
    public synchronized int port() {
        Running now = running;
        RecoveryEndpoint recovering = recovery;
        if (now != null) {
            return now.endpoints().port();
        }
        return recovering == null ? -1 : recovering.port();
    }

    /// Whether it waits for the admins' shares.
    public synchronized boolean recovering() {
        return recovery != null;
    }

    /// The failure after which this AECS refuses to use its state, if there was one.
    public synchronized Optional<S3mlException> broken() {
        Running now = running;
        return now == null ? Optional.empty() : now.aecs().state().broken();
    }

    /// Lets calls under way finish, then closes the store and zeroes the keys.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        RecoveryEndpoint recovering = recovery;
        if (recovering != null) {
            recovering.close();
        }
        Running now = running;
        if (now != null) {
            now.watch().close();
            now.endpoints().close();
            now.witnesses().close();
            now.aecs().state().close();
            now.aecs().root().close();
        }
        store.close();
    }
}
