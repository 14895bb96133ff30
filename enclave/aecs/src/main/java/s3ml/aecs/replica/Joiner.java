package s3ml.aecs.replica;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Channel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import s3ml.aecs.Aecs;
import s3ml.aecs.state.RootSecret;
import s3ml.attest.Appraiser;
import s3ml.attest.CollateralSource;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.Policy;
import s3ml.attest.ReportData;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.NativeCrypto;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.JoinClaims;
import s3ml.wire.aecs.JoinGrant;
import s3ml.wire.aecs.JoinRequest;
import s3ml.wire.aecs.JoinResponse;
import s3ml.wire.aecs.ReplicationGrpc;

/// Gets the root secret from a running replica: attests it, proves itself, and opens what it gives.
public final class Joiner {
    private final EvidenceIssuer issuer;
    private final CollateralSource collateral;
    private final Aecs.Context context;
    private final boolean acceptSigner;

    /// @param acceptSigner whether a giver of another measurement by the same signer is accepted; the root then counts
    ///     as one that the signer could have known
    public Joiner(EvidenceIssuer issuer, CollateralSource collateral, Aecs.Context context, boolean acceptSigner) {
        this.issuer = issuer;
        this.collateral = collateral;
        this.context = context;
        this.acceptSigner = acceptSigner;
    }

    /// What a giver gave.
    ///
    /// @param newestHead serialized `SignedHead` which the giver saw last
    public record Joined(RootSecret root, ByteString newestHead) {}

    /// Asks each peer in turn; empty if none of them gave anything.
    public Optional<Joined> join(List<Endpoint> peers) {
        List<Policy> policies = new ArrayList<>();
        policies.add(OwnPolicy.of(issuer, false, context.random()));
        if (acceptSigner) {
            policies.add(OwnPolicy.of(issuer, true, context.random()));
        }
        for (Endpoint peer : peers) {
            for (int i = 0; i < policies.size(); i++) {
                try {
                    return Optional.of(join(peer, policies.get(i), i > 0));
                } catch (S3mlException e) {
                    context.audit()
                            .event("warn", "peer-gave-nothing")
                            .with("peer", peer.toString())
                            .with("reason", String.valueOf(e.getMessage()))
                            .write();
                }
            }
        }
        return Optional.empty();
    }

    private Joined join(Endpoint peer, Policy policy, boolean bySigner) {
        InstantSource clock = context.clock();
        AecsVerifier verifier = new AecsVerifier(new Appraiser(NativeCrypto.provider()), policy, collateral, clock);
        try (AecsChannel channel = new AecsChannel(List.of(peer), verifier, context.random())) {
            return channel.call((calls, giver) -> join(calls, giver, bySigner));
        }
    }

    private Joined join(Channel calls, AttestedAecs giver, boolean bySigner) {
        ReplicationGrpc.ReplicationBlockingStub stub = ReplicationGrpc.newBlockingStub(calls);
        ByteString nonce = stub.challenge(ChallengeRequest.getDefaultInstance()).getNonce();
        try (HpkeKeyPair ephemeral = Hpke.generate()) {
            byte[] claims = JoinClaims.newBuilder()
                    .setNonce(nonce)
                    .setHpkePublicKey(ephemeral.publicKey())
                    .build()
                    .toByteArray();
            byte[] evidence = issuer.issue(ReportData.ofDigest(Digest.of(claims)));
            JoinResponse response = stub.join(JoinRequest.newBuilder()
                    .setEvidence(ByteString.copyFrom(evidence))
                    .setClaims(ByteString.copyFrom(claims))
                    .build());
            byte[] opened = JoinMessages.open(giver.identityKey(), claims, ephemeral.privateKey(), response);
            JoinGrant grant = JoinGrant.parseFrom(opened);
            RootSecret root = RootSecret.of(grant.getRootSecret().toByteArray(), bySigner || grant.getSignerTrusted());
            if (!root.identity().getPublic().equals(giver.identityKey())) {
                throw ReplicaFaults.joinRefused("what the replica gave is not the root of its own identity");
            }
            return new Joined(root, grant.getNewestHead());
        } catch (InvalidProtocolBufferException e) {
            throw ReplicaFaults.joinRefused("what the replica gave is no JoinGrant message");
        }
    }
}
