package s3ml.aecs;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.replica.Joiner;
import s3ml.aecs.replica.Witnesses;
import s3ml.aecs.state.KnownHead;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.RootVault;
import s3ml.aecs.state.SealedState;
import s3ml.aecs.state.StateChange;
import s3ml.attest.CollateralSource;
import s3ml.attest.Platform;
import s3ml.attest.S3mlException;
import s3ml.attest.SealTo;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogEntryKind;
import s3ml.wire.aecs.state.AecsRecord;
import s3ml.wire.aecs.state.Head;
import s3ml.wire.aecs.state.SignedHead;

/// How an AECS comes to its state when it starts. However it does, storage that holds records is served only after the
/// witnesses, if there are any, were asked whether they saw newer ones.
///
/// | peers | store | root file | then |
/// | --- | --- | --- | --- |
/// | none | empty | none | a new AECS is made |
/// | none | records | unseals | they are opened |
/// | none | records | none, or does not unseal | recovery by shares |
/// | none | empty | there | refused (`AECS-103`): the records were lost |
/// | some | | | a running peer gives root and newest head; the store must contain that head |
/// | some, none answers | empty | none | a new AECS, if the configuration says `create`; refused (`AECS-105`) otherwise
/// |
/// | some, none answers | records | any | recovery by shares and a confirmed head; meanwhile the peers are asked again
/// |
final class Opening {
    /// The code of a platform that has no sealing keys.
    private static final String NO_SEALING_KEYS = "ATT-403";

    private final Platform platform;
    private final AecsConfig config;
    private final RecordStore store;
    private final Aecs.Context context;
    private final RootVault vault;

    Opening(Platform platform, AecsConfig config, RecordStore store, Aecs.Context context) {
        this.platform = platform;
        this.config = config;
        this.store = store;
        this.context = context;
        this.vault = new RootVault(config.rootFile(), platform.sealingKeys());
    }

    /// What came of it.
    sealed interface Outcome {}

    /// The state is open.
    record Opened(SealedState state, RootSecret root) implements Outcome {}

    /// Only the admins' shares can open it.
    record NeedsRecovery(String reason) implements Outcome {}

    Outcome open(CollateralSource collateral) {
        return config.replicas().peers().isEmpty() ? openAlone() : openWithPeers(collateral);
    }

    private Outcome openAlone() {
        boolean empty = SealedState.isEmpty(store);
        Optional<RootSecret> root;
        try {
            root = vault.load();
        } catch (S3mlException e) {
            if (empty || !e.code().equals("AECS-306")) {
                throw e;
            }
            return new NeedsRecovery(String.valueOf(e.getMessage()));
        }
        if (root.isPresent()) {
            if (empty) {
                throw lostRecords();
            }
            return opened(root.get(), null);
        }
        return empty ? created() : new NeedsRecovery("there is no root secret in " + config.rootFile());
    }

    private S3mlException lostRecords() {
        return new S3mlException(
                "AECS-103",
                "this AECS cannot start",
                "its root secret is in " + config.rootFile() + ", but its storage is empty",
                "restore the storage from a backup; delete the root file only if this AECS was never used");
    }

    /// Asks the peers for the root; empty if none gives it.
    Optional<Opened> join(CollateralSource collateral) {
        Joiner joiner = new Joiner(
                platform.issuer(), collateral, context, config.replicas().acceptSigner());
        Optional<Joiner.Joined> joined = joiner.join(config.replicas().peers());
        Optional<Opened> opened = joined.map(given -> opened(given.root(), known(given.newestHead())));
        opened.ifPresent(state -> context.audit().event("info", "joined").write());
        return opened;
    }

    private Outcome openWithPeers(CollateralSource collateral) {
        Optional<Opened> joined = join(collateral);
        if (joined.isPresent()) {
            return joined.get();
        }
        if (!SealedState.isEmpty(store)) {
            return new NeedsRecovery("no peer answers, so nobody can vouch that the storage is the newest");
        }
        if (!config.bootstrap().create()) {
            throw new S3mlException(
                    "AECS-105",
                    "this replica cannot start",
                    "no peer gave it the root secret, the storage is empty, and \"create\" is not set",
                    "start another replica first, or set \"create\" to make a new AECS");
        }
        return created();
    }

    private static KnownHead known(ByteString signedHead) {
        try {
            // From an attested replica over an attested channel; the state's own check of signatures follows.
            return KnownHead.of(Head.parseFrom(SignedHead.parseFrom(signedHead).getHead()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an attested replica gave a malformed head", e);
        }
    }

    private Opened opened(RootSecret root, @Nullable KnownHead known) {
        SealedState state = SealedState.open(store, root, context.random(), context.clock(), known);
        try {
            vouch(state, root);
        } catch (S3mlException e) {
            state.close();
            root.close();
            throw e;
        }
        seal(state, root);
        return new Opened(state, root);
    }

    /// Asks the witnesses whether the storage is as new as what they saw; nobody else can tell when no replica ran.
    void vouch(SealedState state, RootSecret root) {
        try (Witnesses witnesses = Witnesses.of(config.witnesses(), state, root, context)) {
            witnesses.vouch();
        }
    }

    /// Seals the root for the next start, to what the admins chose.
    void seal(SealedState state, RootSecret root) {
        boolean toSigner = state.read(view -> Registry.aecs(view).value().getSealToSigner());
        seal(root, toSigner ? SealTo.SIGNER : SealTo.ENCLAVE);
    }

    /// Some platforms have no sealing keys; there a restart takes a peer or the admins' shares.
    private void seal(RootSecret root, SealTo to) {
        try {
            vault.store(root, to, context.random());
        } catch (S3mlException e) {
            if (!e.code().equals(NO_SEALING_KEYS)) {
                throw e;
            }
            context.audit()
                    .event("warn", "root-not-sealed")
                    .with("reason", String.valueOf(e.getMessage()))
                    .write();
        }
    }

    private Opened created() {
        RootSecret root = RootSecret.create(context.random());
        // The root is on the disk before anything is sealed under it: a crash in between leaves an empty store and a
        // root file, which AECS-103 explains, and never records that nobody can open.
        seal(root, SealTo.ENCLAVE);
        SealedState state = SealedState.create(store, root, context.random(), context.clock(), this::first);
        context.audit().event("info", "created").write();
        return new Opened(state, root);
    }

    private Boolean first(StateChange change) {
        AecsRecord.Builder record = AecsRecord.newBuilder()
                .setThreshold(config.bootstrap().threshold())
                .setCreatedAtUnixMillis(context.clock().millis());
        for (String admin : config.bootstrap().admins()) {
            record.addAdmins(ByteString.copyFrom(Base64.getDecoder().decode(admin)));
        }
        Registry.putAecs(change, record.build());
        change.log(LogEntry.newBuilder()
                .setKind(LogEntryKind.CREATED)
                .setAtUnixMillis(context.clock().millis())
                .build()
                .toByteArray());
        return true;
    }
}
