package s3ml.protocol;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.ReportData;
import s3ml.attest.S3mlException;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.ReleaseClaims;
import s3ml.wire.aecs.ReleaseRequest;
import s3ml.wire.aecs.ReleaseResponse;

/// How an enclave gets its keys: it attests the AECS, proves itself by a fresh quote, and opens the sealed lease.
///
/// Safe for use by several threads.
public final class KeyReleaseClient {
    private static final String LEASE_ENDED = "AECS-211";

    private final AecsChannel channel;
    private final EvidenceIssuer issuer;

    /// @param issuer makes this enclave's quotes
    public KeyReleaseClient(AecsChannel channel, EvidenceIssuer issuer) {
        this.channel = channel;
        this.issuer = issuer;
    }

    /// Asks for the first lease of this process.
    ///
    /// @throws S3mlException those of [AecsChannel]; `PRO-105`, `PRO-141` if the lease is not to be trusted
    public Lease release(String service) {
        return release(service, "");
    }

    /// Renews a lease: a new appraisal, new times, perhaps other keys.
    ///
    /// @throws S3mlException as [#release]
    public Lease renew(Lease lease) {
        return release(lease.service(), lease.serial());
    }

    /// Whether a failure of [#renew] is the AECS's word that the lease has ended already: its keys are to be dropped
    /// now, not when they expire.
    public static boolean endsLease(S3mlException failure) {
        return failure.getCause() instanceof StatusRuntimeException answer
                && LEASE_ENDED.equals(answer.getStatus().getDescription());
    }

    private Lease release(String service, String renews) {
        return channel.call((calls, aecs) -> release(calls, aecs, service, renews));
    }

    /// The whole exchange with one replica, since a challenge is known only where it was made.
    private Lease release(Channel calls, AttestedAecs aecs, String service, String renews) {
        KeyReleaseGrpc.KeyReleaseBlockingStub stub = KeyReleaseGrpc.newBlockingStub(calls);
        ByteString nonce = stub.challenge(ChallengeRequest.getDefaultInstance()).getNonce();
        try (HpkeKeyPair ephemeral = Hpke.generate()) {
            byte[] claims = ReleaseClaims.newBuilder()
                    .setNonce(nonce)
                    .setService(service)
                    .setHpkePublicKey(ephemeral.publicKey())
                    .setRenewsLease(renews)
                    .build()
                    .toByteArray();
            byte[] evidence = issuer.issue(ReportData.ofDigest(Digest.of(claims)));
            ReleaseResponse response = stub.release(ReleaseRequest.newBuilder()
                    .setEvidence(ByteString.copyFrom(evidence))
                    .setClaims(ByteString.copyFrom(claims))
                    .build());
            byte[] lease =
                    AecsMessages.openLease(aecs.identityKey(), service, claims, ephemeral.privateKey(), response);
            return Lease.read(lease, service);
        }
    }
}
