package s3ml.aecs.replica;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.release.Appraisal;
import s3ml.attest.S3mlException;
import s3ml.attest.Trusted;
import s3ml.attest.Verdict;
import s3ml.protocol.Hpke;
import s3ml.wire.aecs.JoinClaims;
import s3ml.wire.aecs.JoinGrant;
import s3ml.wire.aecs.JoinRequest;
import s3ml.wire.aecs.JoinResponse;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogEntryKind;
import s3ml.wire.aecs.NewestHeadRequest;
import s3ml.wire.aecs.NewestHeadResponse;

/// Gives the root secret to replicas that the admins' replica policy accepts, and compares heads with peers.
/// Thread-safe.
public final class JoinDesk {
    private final Aecs aecs;

    public JoinDesk(Aecs aecs) {
        this.aecs = aecs;
    }

    /// The root secret, sealed to the enclave that proved itself; in the log before it leaves.
    public JoinResponse join(JoinRequest request) {
        JoinClaims claims = claims(request);
        aecs.nonces().check(claims.getNonce().toByteArray());
        aecs.state().refresh();
        ByteString policy =
                aecs.state().read(view -> Registry.aecs(view).value().getReplicaPolicyJson());
        Verdict verdict = aecs.appraisal()
                .appraise(
                        request.getEvidence().toByteArray(), request.getClaims().toByteArray(), policy);
        if (!(verdict instanceof Trusted trusted)) {
            List<String> findings = Appraisal.findings(verdict);
            aecs.audit()
                    .event("warn", "join-refused")
                    .with("findings", findings)
                    .write();
            throw Refusals.denied("(replica)", String.join("; ", findings));
        }
        aecs.nonces().use(claims.getNonce().toByteArray());
        ByteString measurement =
                ByteString.copyFrom(trusted.claims().measurement().bytes());
        aecs.state().transact(change -> {
            if (!Registry.aecs(change).value().getReplicaPolicyJson().equals(policy)) {
                throw Refusals.denied("(replica)", "the replica policy changed meanwhile");
            }
            return change.log(entry(measurement, trusted.simulated()));
        });
        aecs.audit()
                .event("info", "replica-joined")
                .with("measurement", trusted.claims().measurement().hex())
                .with("evidence", trusted.simulated() ? "SIMULATED" : "real")
                .write();
        return granted(request, claims);
    }

    private JoinResponse granted(JoinRequest request, JoinClaims claims) {
        byte[] grant = aecs.root()
                .secret()
                .expose(root -> JoinGrant.newBuilder()
                        .setRootSecret(ByteString.copyFrom(root))
                        .setNewestHead(aecs.state().signedHead())
                        .setSignerTrusted(aecs.root().signerTrusted())
                        .build()
                        .toByteArray());
        return JoinMessages.seal(
                aecs.root().identity().getPrivate(),
                request.getClaims().toByteArray(),
                claims.getHpkePublicKey(),
                grant);
    }

    private byte[] entry(ByteString measurement, boolean simulated) {
        return LogEntry.newBuilder()
                .setKind(LogEntryKind.REPLICA_JOINED)
                .setAtUnixMillis(aecs.now())
                .setMeasurement(measurement)
                .setSimulated(simulated)
                .build()
                .toByteArray();
    }

    private static JoinClaims claims(JoinRequest request) {
        if (request.getEvidence().size() > Limits.EVIDENCE_BYTES
                || request.getClaims().size() > Limits.CLAIMS_BYTES) {
            throw Refusals.malformed("evidence or claims are too long");
        }
        try {
            JoinClaims claims = JoinClaims.parseFrom(request.getClaims());
            if (claims.getHpkePublicKey().size() != Hpke.KEY_BYTES) {
                throw Refusals.malformed("its HPKE key has not 32 bytes");
            }
            return claims;
        } catch (InvalidProtocolBufferException e) {
            throw Refusals.malformed("its claims are no JoinClaims message");
        }
    }

    /// The newest head here; a head of the caller that contradicts it puts this replica out of use.
    public NewestHeadResponse newestHead(NewestHeadRequest request) {
        if (!request.getKnownHead().isEmpty()) {
            compare(request.getKnownHead());
        }
        return NewestHeadResponse.newBuilder()
                .setHead(aecs.state().signedHead())
                .build();
    }

    private void compare(ByteString known) {
        try {
            aecs.state().compare(known.toByteArray());
        } catch (S3mlException e) {
            // Anybody can send a head that nobody signed: that says nothing about the store.
            if (aecs.state().broken().isPresent()) {
                aecs.audit()
                        .event("error", "store-contradicts-peer")
                        .with("reason", String.valueOf(e.getMessage()))
                        .write();
                throw e;
            }
        }
    }
}
