package s3ml.client.verify;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import s3ml.attest.Appraiser;
import s3ml.attest.Claims;
import s3ml.attest.Collateral;
import s3ml.attest.Finding;
import s3ml.attest.Policy;
import s3ml.attest.S3mlException;
import s3ml.client.verify.ServerDossier.AecsStatement;
import s3ml.protocol.AecsAppraisal;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.ServiceTrust;

/// Judges the AECS: its evidence under the caller's policy, its freshness, its keys, and its signature on what it says.
final class AecsJudge {
    private AecsJudge() {}

    /// @param trust what the AECS vouches for; present only if it is trusted
    record Result(PartVerdict verdict, Optional<ServiceTrust> trust) {}

    static Result judge(Appraiser appraiser, ServerDossier dossier, Instant at) {
        PartVerdict.Builder verdict = new PartVerdict.Builder();
        dossier.gaps().stream().filter(gap -> gap.part() == Part.AECS).forEach(gap -> verdict.untold(gap.finding()));
        Optional<Policy> policy = dossier.expectations().aecsPolicy();
        if (policy.isEmpty()) {
            verdict.untold(new Finding("ATT-150", "policy", "--aecs-policy with the AECS to be trusted", "none"));
        }
        Optional<AecsStatement> said = dossier.aecs();
        Optional<Collateral> collateral = said.flatMap(AecsStatement::collateral);
        if (said.isPresent() && collateral.isEmpty()) {
            verdict.untold(new Finding("ATT-110", "collateral", "--collateral or --pccs", "none"));
        }
        if (policy.isEmpty() || said.isEmpty() || collateral.isEmpty()) {
            return new Result(verdict.build(), Optional.empty());
        }
        AecsVerifier verifier =
                new AecsVerifier(appraiser, policy.get(), quote -> collateral.get(), InstantSource.fixed(at));
        Optional<ServiceTrust> trust = judge(verifier, said.get(), dossier, verdict);
        PartVerdict built = verdict.build();
        return new Result(built, built.outcome() == Outcome.TRUSTED ? trust : Optional.empty());
    }

    private static Optional<ServiceTrust> judge(
            AecsVerifier verifier, AecsStatement said, ServerDossier dossier, PartVerdict.Builder verdict) {
        byte[] nonce = said.nonce().toByteArray();
        try {
            AecsAppraisal appraisal = verifier.appraise(said.answer().getAecs(), nonce);
            if (appraisal instanceof AecsAppraisal.Refused refused) {
                refused.findings().forEach(verdict::against);
                return Optional.empty();
            }
            AttestedAecs aecs = appraisal.orThrow();
            facts(aecs, said, verdict);
            String service = dossier.expectations()
                    .service()
                    .or(() -> dossier.server().shown().map(ServerStatement.Shown::service))
                    .orElse("");
            ServiceTrust trust = verifier.describe(said.answer(), nonce, service);
            verdict.fact("It signed, over the same random number, what it knows of the service \"" + service
                    + "\": its authority, its policy and its models.");
            return Optional.of(trust);
        } catch (S3mlException e) {
            verdict.against(new Finding(e.code(), "aecs", "a truthful answer", String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    private static void facts(AttestedAecs aecs, AecsStatement said, PartVerdict.Builder verdict) {
        Claims claims = aecs.verdict().claims();
        verdict.fact("The hardware vendor's root " + claims.rootFingerprint().hex()
                + " vouches that the code with the measurement " + claims.measurement()
                + " runs in " + (claims.simulated() ? "a SIMULATED enclave, which protects nothing" : "an enclave")
                + ", whose platform is " + claims.tcbStatus()
                + (claims.advisoryIds().isEmpty()
                        ? ", without open advisories."
                        : ", with the open advisories " + String.join(", ", claims.advisoryIds()) + "."));
        verdict.fact("It answered to a random number that was made for this question, so the answer is no old one.");
        verdict.fact("It is the AECS "
                + java.util.HexFormat.of().formatHex(aecs.instanceId().toByteArray()) + " with the identity key "
                + aecs.identityDigest().hex() + ".");
        verdict.check(
                aecs.tlsKeyDigest().equals(said.tlsKey()),
                "The connection to " + said.address() + " ended in that enclave and nowhere before.",
                new Finding(
                        "PRO-137",
                        "tlsKey",
                        aecs.tlsKeyDigest().hex(),
                        said.tlsKey().hex()));
    }
}
