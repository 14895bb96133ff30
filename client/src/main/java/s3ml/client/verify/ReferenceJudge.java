package s3ml.client.verify;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import s3ml.attest.Claims;
import s3ml.attest.Finding;
import s3ml.attest.Measurement;
import s3ml.wire.aecs.LogEntry;

/// Judges whether the code that runs is code that was published.
final class ReferenceJudge {
    private ReferenceJudge() {}

    static PartVerdict judge(ServerDossier dossier, Optional<Claims> claims) {
        PartVerdict.Builder verdict = new PartVerdict.Builder();
        Optional<ReferenceValues> values = dossier.expectations().referenceValues();
        if (values.isEmpty()) {
            return verdict.fact("They were not compared: no --reference-values were given.")
                    .build(false);
        }
        verdict.fact("Compared with the document " + values.get().digest().hex() + ".");
        compare("aecs", "the AECS", claims.map(Claims::measurement), values.get(), verdict);
        compare("server", "the model server", released(dossier), values.get(), verdict);
        return verdict.build();
    }

    /// The measurement to which the log says that the keys went.
    private static Optional<Measurement> released(ServerDossier dossier) {
        return dossier.server().shown().flatMap(shown -> {
            try {
                LogEntry entry = LogEntry.parseFrom(shown.receipt().getEntry());
                return Optional.of(Measurement.ofBytes(entry.getMeasurement().toByteArray()));
            } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                return Optional.empty();
            }
        });
    }

    private static void compare(
            String enclave,
            String called,
            Optional<Measurement> found,
            ReferenceValues values,
            PartVerdict.Builder verdict) {
        List<Measurement> published = values.of(enclave);
        if (found.isEmpty()) {
            verdict.untold(new Finding(
                    "CLI-214", enclave + ".measurement", "a measurement that somebody trusted vouches for", "none"));
            return;
        }
        verdict.check(
                published.contains(found.get()),
                "The measurement of " + called + " is a published one: " + found.get() + ".",
                new Finding(
                        "CLI-209",
                        enclave + ".measurement",
                        published.isEmpty()
                                ? "none is published for \"" + enclave + "\""
                                : published.stream()
                                        .map(Measurement::hex)
                                        .reduce((one, other) -> one + " or " + other)
                                        .orElse(""),
                        found.get().hex()));
    }
}
