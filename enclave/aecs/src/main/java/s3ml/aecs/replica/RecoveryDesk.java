package s3ml.aecs.replica;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.state.KnownHead;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.ReportData;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.AecsClaims;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.RecoveryShare;
import s3ml.wire.aecs.RecoveryStatusRequest;
import s3ml.wire.aecs.RecoveryStatusResponse;
import s3ml.wire.aecs.SubmitShareRequest;
import s3ml.wire.aecs.state.AecsRecord;
import s3ml.wire.aecs.state.Head;

/// Puts the root secret together again from the admins' shares, when no replica has it any more.
///
/// A share is sealed to a key which stands in this enclave's evidence, so its holder knows which code opens it. Every
/// holder confirms the head of the store; only a store that holds exactly that head is opened. Thread-safe.
public final class RecoveryDesk {
    /// Strangers can send made-up shares; they must not crowd out the real ones for long, nor fill the memory.
    private static final int MAX_GROUPS = 32;

    private static final byte[] INFO = "s3ml recovery share v1\0".getBytes(StandardCharsets.UTF_8);

    private final RecordStore store;
    private final EvidenceIssuer issuer;
    private final Digest tlsKeyDigest;
    private final Aecs.Context context;
    private final Consumer<Recovered> done;
    private final HpkeKeyPair ownKey = Hpke.generate();
    private final ByteString ownIdentity =
            ByteString.copyFrom(Signatures.generate().getPublic().getEncoded());
    private final List<ShareGroup> groups = new ArrayList<>();
    private boolean recovered;

    /// @param done is called when the state is open; what it throws refuses that state
    public RecoveryDesk(
            RecordStore store,
            EvidenceIssuer issuer,
            Digest tlsKeyDigest,
            Aecs.Context context,
            Consumer<Recovered> done) {
        this.store = store;
        this.issuer = issuer;
        this.tlsKeyDigest = tlsKeyDigest;
        this.context = context;
        this.done = done;
    }

    /// The state, open again.
    public record Recovered(RootSecret root, SealedState state) {}

    /// What this enclave is, which head the store has, and how many shares are there.
    public synchronized RecoveryStatusResponse status(RecoveryStatusRequest request) {
        return answer().setAecs(attest(request.getNonce())).build();
    }

    /// Evidence of this enclave. It has no identity yet: the identity key is one of this start, instance and admin set
    /// are zeros, by which callers see that it recovers.
    public AttestResponse attest(ByteString nonce) {
        if (nonce.size() != AecsMessages.NONCE_BYTES) {
            throw Refusals.malformed("its nonce has not " + AecsMessages.NONCE_BYTES + " bytes");
        }
        byte[] claims = AecsClaims.newBuilder()
                .setNonce(nonce)
                .setIdentityPublicKey(ownIdentity)
                .setInstanceId(ByteString.copyFrom(new byte[AecsMessages.INSTANCE_ID_BYTES]))
                .setAdminSetDigest(ByteString.copyFrom(new byte[Digest.BYTES]))
                .setTlsKeySha256(ByteString.copyFrom(tlsKeyDigest.bytes()))
                .setHpkePublicKey(ownKey.publicKey())
                .build()
                .toByteArray();
        return AttestResponse.newBuilder()
                .setEvidence(ByteString.copyFrom(issuer.issue(ReportData.ofDigest(Digest.of(claims)))))
                .setClaims(ByteString.copyFrom(claims))
                .build();
    }

    private RecoveryStatusResponse.Builder answer() {
        RecoveryStatusResponse.Builder answer =
                RecoveryStatusResponse.newBuilder().setRecovered(recovered);
        StoredHeads.peek(store)
                .ifPresent(head -> answer.setHeadSequence(head.getSequence()).setHeadChainHash(head.getChainHash()));
        groups.stream()
                .max((a, b) -> Integer.compare(a.given(), b.given()))
                .ifPresent(group -> answer.setSharesGiven(group.given()).setSharesNeeded(group.needed()));
        return answer;
    }

    /// Takes one share; with the last one needed the state is opened.
    public synchronized RecoveryStatusResponse submit(SubmitShareRequest request) {
        if (recovered) {
            return answer().build();
        }
        try {
            RecoveryShare share = opened(request);
            confirm(request);
            ShareGroup group = group(share);
            group.add(share);
            context.audit()
                    .event("info", "recovery-share")
                    .with("given", group.given())
                    .with("needed", group.needed())
                    .write();
            Optional<byte[]> root = group.combined();
            if (root.isPresent()) {
                groups.remove(group);
                open(group, root.get());
            }
            return answer().build();
        } catch (S3mlException e) {
            context.audit()
                    .event("warn", "recovery-share-refused")
                    .with("reason", String.valueOf(e.getMessage()))
                    .write();
            return answer().setErrorCode(e.code())
                    .setErrorMessage(String.valueOf(e.getMessage()))
                    .build();
        }
    }

    private RecoveryShare opened(SubmitShareRequest request) {
        byte[] plaintext;
        try {
            plaintext = Hpke.open(
                    ownKey.privateKey(),
                    INFO,
                    request.getConfirmedChainHash().toByteArray(),
                    new Hpke.Sealed(request.getEncapsulatedKey(), request.getCiphertext()));
        } catch (S3mlException e) {
            throw ReplicaFaults.share("it does not open: it was sealed to another start of this AECS");
        }
        try {
            RecoveryShare share = RecoveryShare.parseFrom(plaintext);
            if (!ShareGroup.isWellFormed(share)) {
                throw ReplicaFaults.share("it is not whole");
            }
            return share;
        } catch (InvalidProtocolBufferException e) {
            throw ReplicaFaults.share("it is no RecoveryShare message");
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private void confirm(SubmitShareRequest request) {
        Head head = StoredHeads.peek(store).orElseThrow(() -> ReplicaFaults.head("the storage holds none"));
        if (request.getConfirmedSequence() != head.getSequence()
                || !request.getConfirmedChainHash().equals(head.getChainHash())) {
            throw ReplicaFaults.head("the storage's head is commit " + head.getSequence() + ", confirmed was commit "
                    + request.getConfirmedSequence() + " or another branch");
        }
    }

    private ShareGroup group(RecoveryShare share) {
        for (ShareGroup group : groups) {
            if (group.takes(share)) {
                return group;
            }
        }
        if (groups.size() >= MAX_GROUPS) {
            groups.removeFirst();
        }
        ShareGroup group = new ShareGroup(share);
        groups.add(group);
        return group;
    }

    private void open(ShareGroup group, byte[] bytes) {
        RootSecret root = RootSecret.of(bytes, false);
        Arrays.fill(bytes, (byte) 0);
        if (!ByteString.copyFrom(root.instanceId()).equals(group.instanceId())) {
            root.close();
            throw ReplicaFaults.share("together these shares give no root of the AECS they name");
        }
        Head head = StoredHeads.peek(store).orElseThrow(() -> ReplicaFaults.head("the storage holds none"));
        SealedState state;
        try {
            state = SealedState.open(
                    store,
                    root,
                    context.random(),
                    context.clock(),
                    new KnownHead(head.getSequence(), head.getChainHash()));
        } catch (S3mlException e) {
            root.close();
            throw e;
        }
        AecsRecord record = state.read(view -> Registry.aecs(view).value());
        if (record.getShareGeneration() != group.generation()
                || !record.getShareDigestsList().equals(group.digests())) {
            state.close();
            root.close();
            throw ReplicaFaults.share(
                    "these shares were replaced by those of generation " + record.getShareGeneration());
        }
        try {
            done.accept(new Recovered(root, state));
        } catch (S3mlException e) {
            state.close();
            root.close();
            throw e;
        }
        recovered = true;
    }
}
