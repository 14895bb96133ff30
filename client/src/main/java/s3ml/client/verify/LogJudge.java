package s3ml.client.verify;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import s3ml.attest.Finding;
import s3ml.client.log.KnownLog;
import s3ml.client.verify.ServerDossier.LogStatement;
import s3ml.client.verify.ServerDossier.WitnessStatement;
import s3ml.protocol.ServiceTrust;
import s3ml.protocol.log.CoSignatures;
import s3ml.protocol.log.LogVerdict;
import s3ml.protocol.log.LogVerifier;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogEntryKind;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.LogReceipt;
import s3ml.wire.aecs.ProveLogResponse;

/// Judges the log: that it holds the release which put the keys into this server, and is the log that others saw.
final class LogJudge {
    private final ServiceTrust trust;
    private final LogVerifier verifier;
    private final PartVerdict.Builder verdict;

    private LogJudge(ServiceTrust trust, PartVerdict.Builder verdict) {
        this.trust = trust;
        this.verifier = new LogVerifier(trust.aecs().identityKey());
        this.verdict = verdict;
    }

    static PartVerdict judge(ServerDossier dossier, Optional<ServiceTrust> trust) {
        PartVerdict.Builder verdict = new PartVerdict.Builder();
        dossier.gaps().stream().filter(gap -> gap.part() == Part.LOG).forEach(gap -> verdict.untold(gap.finding()));
        if (trust.isEmpty()) {
            return verdict.untold(new Finding("CLI-214", "log", "a trusted AECS that keeps it", "none"))
                    .build();
        }
        dossier.log().ifPresent(log -> {
            LogJudge judge = new LogJudge(trust.get(), verdict);
            if (judge.head(log)) {
                dossier.server().shown().ifPresent(shown -> judge.release(shown.receipt(), log.proof()));
                log.witness()
                        .ifPresent(witness -> judge.witness(witness, log.proof().getHead()));
            }
            if (log.witness().isEmpty()) {
                verdict.fact("No witness was asked: a second log, shown to others only, would not have been seen.");
            }
        });
        return verdict.build();
    }

    /// Whether there is a signed head that extends what was remembered.
    private boolean head(LogStatement log) {
        LogHead head = log.proof().getHead();
        if (refused("log.head", verifier.head(head))) {
            return false;
        }
        verdict.fact("The AECS signed a log of " + head.getTreeSize() + " entries, "
                + Instant.ofEpochMilli(head.getTimestampUnixMillis()) + ".");
        if (log.remembered().isEmpty()) {
            verdict.fact("This log was seen for the first time: there is nothing to compare it with.");
            return true;
        }
        KnownLog before = log.remembered().get();
        ByteString identity = ByteString.copyFrom(trust.aecs().identityKey().getEncoded());
        if (!before.identityKey().equals(identity)) {
            verdict.against(
                    new Finding("CLI-173", "identity", "the identity remembered with this log", "another identity"));
            return false;
        }
        if (refused(
                "log.extension",
                verifier.extension(before.head(), head, log.proof().getConsistencyList()))) {
            return false;
        }
        verdict.fact("It begins with the " + before.head().getTreeSize()
                + " entries that were seen last time: nothing was changed or removed.");
        return true;
    }

    private void release(LogReceipt receipt, ProveLogResponse proof) {
        LogHead head = proof.getHead();
        if (!proof.getEntry().equals(receipt.getEntry())) {
            verdict.against(new Finding(
                    "PRO-181",
                    "release",
                    "the receipt's entry at index " + receipt.getIndex(),
                    receipt.getIndex() < head.getTreeSize()
                            ? "another entry"
                            : "a log of " + head.getTreeSize() + " entries"));
            return;
        }
        if (refused("receipt", verifier.receipt(receipt))
                || refused(
                        "release",
                        verifier.inclusion(receipt.getEntry(), receipt.getIndex(), proof.getInclusionList(), head))) {
            return;
        }
        try {
            entry(LogEntry.parseFrom(receipt.getEntry()), receipt.getIndex());
        } catch (InvalidProtocolBufferException e) {
            verdict.against(new Finding("CLI-207", "release", "an entry of the log", "bytes that are none"));
        }
    }

    private void entry(LogEntry entry, long index) {
        boolean release = entry.getKind() == LogEntryKind.RELEASED || entry.getKind() == LogEntryKind.RENEWED;
        boolean ours = entry.getServicePseudonym().equals(trust.logPseudonym());
        verdict.check(
                release && ours,
                "Entry " + index + " of the log says that the keys were released "
                        + (entry.getKind() == LogEntryKind.RENEWED ? "(renewed) " : "")
                        + "to the code with the measurement " + hex(entry.getMeasurement()) + " at "
                        + Instant.ofEpochMilli(entry.getAtUnixMillis())
                        + (entry.getSimulated() ? ", on SIMULATED evidence." : "."),
                new Finding(
                        "CLI-207",
                        "release",
                        "a release of the keys of this service",
                        entry.getKind() + (ours ? "" : " of another service")));
        ByteString policy = trust.logPolicyCommitment();
        verdict.check(
                entry.getPolicyCommitment().equals(policy),
                "They were released under the policy that the service has.",
                new Finding("CLI-208", "release.policy", hex(policy), hex(entry.getPolicyCommitment())));
    }

    private void witness(WitnessStatement witness, LogHead head) {
        Optional<Finding> refusal = witness.refusal();
        if (refusal.isPresent()) {
            // A witness that saw another log speaks against this one; one that is not there says nothing.
            boolean contradiction = refusal.get().code().startsWith("PRO-18")
                    || refusal.get().code().equals("CLI-187")
                    || refusal.get().code().equals("CLI-182");
            if (contradiction) {
                verdict.against(refusal.get());
            } else {
                verdict.untold(refusal.get());
            }
            return;
        }
        CoSignedHead signed = witness.signed().orElseThrow();
        ByteString identity = ByteString.copyFrom(trust.aecs().identityKey().getEncoded());
        boolean forUs = signed.getWitnessPublicKey().equals(witness.key())
                && signed.getIdentityPublicKey().equals(identity)
                && signed.getInstanceId().equals(trust.aecs().instanceId());
        if (!forUs) {
            verdict.against(new Finding("CLI-212", "witness", "this AECS, and the witness's key", "others"));
            return;
        }
        if (refused("witness", CoSignatures.verify(signed))
                || refused("witness.extension", extension(signed.getHead(), head, witness.link()))) {
            return;
        }
        verdict.fact("The witness at " + witness.address() + " signed that it saw the same log of "
                + signed.getHead().getTreeSize() + " entries, at "
                + Instant.ofEpochMilli(signed.getWitnessedAtUnixMillis()) + ".");
    }

    private LogVerdict extension(LogHead before, LogHead now, List<ByteString> proof) {
        return verifier.extension(before, now, proof);
    }

    private boolean refused(String claim, LogVerdict found) {
        return switch (found) {
            case LogVerdict.Proven proven -> false;
            case LogVerdict.NotProven not -> {
                verdict.against(new Finding(not.code(), claim, "a proof", not.why()));
                yield true;
            }
        };
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
