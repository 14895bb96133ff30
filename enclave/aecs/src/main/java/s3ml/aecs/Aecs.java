package s3ml.aecs;

import java.security.SecureRandom;
import java.time.InstantSource;
import s3ml.aecs.keys.ServiceKeys;
import s3ml.aecs.release.Appraisal;
import s3ml.aecs.release.Nonces;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.EvidenceIssuer;

/// What all desks of one running AECS share.
///
/// @param state the records
/// @param root the root secret, from which the identity comes
/// @param issuer makes this enclave's own evidence
/// @param appraisal judges others' evidence
/// @param nonces challenges of this replica
/// @param serviceKeys rotation of shared keys
/// @param config checked configuration
/// @param context time, randomness and the log
public record Aecs(
        SealedState state,
        RootSecret root,
        EvidenceIssuer issuer,
        Appraisal appraisal,
        Nonces nonces,
        ServiceKeys serviceKeys,
        AecsConfig config,
        Context context) {
    /// Time, randomness and where events are written.
    public record Context(InstantSource clock, SecureRandom random, AuditLog audit) {}

    public InstantSource clock() {
        return context.clock();
    }

    public SecureRandom random() {
        return context.random();
    }

    public AuditLog audit() {
        return context.audit();
    }

    /// Unix milliseconds now.
    public long now() {
        return context.clock().millis();
    }
}
