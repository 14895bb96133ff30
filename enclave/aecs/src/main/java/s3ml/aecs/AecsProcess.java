package s3ml.aecs;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.endpoint.Endpoints;
import s3ml.aecs.keys.ServiceKeys;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.release.Appraisal;
import s3ml.aecs.release.Nonces;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.RootVault;
import s3ml.aecs.state.SealedState;
import s3ml.aecs.state.SqliteRecordStore;
import s3ml.aecs.state.StateChange;
import s3ml.attest.CollateralSource;
import s3ml.attest.Platform;
import s3ml.attest.S3mlException;
import s3ml.attest.SealTo;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogEntryKind;
import s3ml.wire.aecs.state.AecsRecord;

/// One AECS: opens its state, then serves until it is closed.
///
/// A restart on the same machine unseals the root secret; a first start in an empty store makes a new AECS. A store
/// with records but without a root that unseals here is refused: making a new AECS over it would only hide the loss.
///
/// Codes: `AECS-103` a store without its root, or a root without its store.
public final class AecsProcess implements AutoCloseable {
    private final Endpoints endpoints;
    private final SealedState state;
    private final RootSecret root;
    private final RecordStore store;

    private AecsProcess(Endpoints endpoints, SealedState state, RootSecret root, RecordStore store) {
        this.endpoints = endpoints;
        this.state = state;
        this.root = root;
        this.store = store;
    }

    /// Runs an AECS until the process is asked to end (SIGTERM): one line on standard output when it serves, events as
    /// JSON lines on standard error.
    public static void run(Platform platform, AecsConfig config) {
        AuditLog audit = new AuditLog(
                System.err, InstantSource.system(), platform.issuer().simulated());
        CollateralSource collateral = Collaterals.from(config.pccs());
        AecsProcess process = start(
                platform, config, collateral, new Aecs.Context(InstantSource.system(), new SecureRandom(), audit));
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            process.close();
            audit.event("info", "ended").write();
            ended.countDown();
        }));
        JsonObject.Builder ready = JsonObject.builder().put("ready", true).put("port", process.port());
        process.endpoints.metricsPort().ifPresent(port -> ready.put("metricsPort", port));
        ready.put("instanceId", java.util.HexFormat.of().formatHex(process.root.instanceId()))
                .put("simulated", platform.issuer().simulated());
        System.out.println(Json.write(ready.build()));
        System.out.flush();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.close();
        }
    }

    /// Starts an AECS in this process.
    public static AecsProcess start(
            Platform platform, AecsConfig config, CollateralSource collateral, Aecs.Context context) {
        RecordStore store = open(config.store());
        try {
            Opened opened = open(platform, config, store, context);
            Aecs aecs = new Aecs(
                    opened.state(),
                    opened.root(),
                    platform.issuer(),
                    new Appraisal(collateral, context.clock()),
                    new Nonces(context.random(), context.clock(), config.times().challenge()),
                    new ServiceKeys(
                            context.random(),
                            config.times().lease(),
                            config.times().ticketKeys(),
                            config.times().hpkeKeys()),
                    config,
                    context);
            return new AecsProcess(Endpoints.start(aecs), opened.state(), opened.root(), store);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private record Opened(SealedState state, RootSecret root) {}

    private static RecordStore open(AecsConfig.Store store) {
        return switch (store) {
            case AecsConfig.SqliteStore sqlite -> SqliteRecordStore.open(sqlite.file());
            case AecsConfig.EtcdStore etcd ->
                throw new S3mlException(
                        "AECS-104", "cannot open the etcd store", "this build has none", "use sqlite:FILE");
        };
    }

    private static Opened open(Platform platform, AecsConfig config, RecordStore store, Aecs.Context context) {
        RootVault vault = new RootVault(config.rootFile(), platform.sealingKeys());
        boolean empty = SealedState.isEmpty(store);
        Optional<RootSecret> root = vault.load();
        if (empty != root.isEmpty()) {
            throw new S3mlException(
                    "AECS-103",
                    "this AECS cannot start",
                    empty
                            ? "its root secret is in " + config.rootFile() + ", but its storage is empty"
                            : "its storage holds records, but there is no root secret in " + config.rootFile(),
                    "restore the missing one from a backup, or recover with the admins' shares; delete the root file only if this"
                            + " AECS was never used");
        }
        if (root.isPresent()) {
            SealedState state = SealedState.open(store, root.get(), context.random(), context.clock(), null);
            reseal(state, vault, root.get(), context);
            return new Opened(state, root.get());
        }
        RootSecret fresh = RootSecret.create(context.random());
        // The root is on the disk before anything is sealed under it: a crash in between leaves an empty store and a
        // root
        // file, which the message above explains, and never records that nobody can open.
        vault.store(fresh, SealTo.ENCLAVE, context.random());
        SealedState state = SealedState.create(
                store, fresh, context.random(), context.clock(), change -> first(change, config, context));
        context.audit().event("info", "created").write();
        return new Opened(state, fresh);
    }

    /// Follows the admins' choice of what the root is sealed to.
    private static void reseal(SealedState state, RootVault vault, RootSecret root, Aecs.Context context) {
        boolean toSigner = state.read(view -> Registry.aecs(view).value().getSealToSigner());
        vault.store(root, toSigner ? SealTo.SIGNER : SealTo.ENCLAVE, context.random());
    }

    private static Boolean first(StateChange change, AecsConfig config, Aecs.Context context) {
        AecsRecord.Builder record = AecsRecord.newBuilder()
                .setThreshold(config.bootstrap().threshold())
                .setCreatedAtUnixMillis(context.clock().millis());
        config.bootstrap()
                .admins()
                .forEach(admin ->
                        record.addAdmins(ByteString.copyFrom(Base64.getDecoder().decode(admin))));
        Registry.putAecs(change, record.build());
        change.log(LogEntry.newBuilder()
                .setKind(LogEntryKind.CREATED)
                .setAtUnixMillis(context.clock().millis())
                .build()
                .toByteArray());
        return true;
    }

    public int port() {
        return endpoints.port();
    }

    /// The failure after which this AECS refuses to use its state, or null.
    public @Nullable S3mlException broken() {
        return state.broken().orElse(null);
    }

    /// Lets calls under way finish, then closes the store and zeroes the keys.
    @Override
    public void close() {
        endpoints.close();
        state.close();
        store.close();
        root.close();
    }
}
