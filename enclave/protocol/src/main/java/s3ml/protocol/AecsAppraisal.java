package s3ml.protocol;

import java.util.List;
import java.util.stream.Collectors;
import s3ml.attest.Finding;
import s3ml.attest.S3mlException;

/// What came of attesting an AECS.
public sealed interface AecsAppraisal permits AttestedAecs, AecsAppraisal.Refused {
    /// The attested AECS.
    ///
    /// @throws S3mlException `PRO-130` with all findings if it was refused
    default AttestedAecs orThrow() {
        return switch (this) {
            case AttestedAecs attested -> attested;
            case Refused refused -> throw refused.failure();
        };
    }

    /// An AECS that is not to be trusted, and why.
    ///
    /// @param findings at least one
    record Refused(List<Finding> findings) implements AecsAppraisal {
        public Refused {
            findings = List.copyOf(findings);
            if (findings.isEmpty()) {
                throw new IllegalArgumentException("findings must say why");
            }
        }

        S3mlException failure() {
            String why = findings.stream().map(Finding::toString).collect(Collectors.joining("; "));
            return new S3mlException(
                    "PRO-130",
                    "the AECS is not trusted",
                    why,
                    "compare the AECS policy with the measurement that its owner published");
        }
    }
}
