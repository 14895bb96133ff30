package s3ml.attest;

import java.util.List;

/// Evidence that is not to be trusted, with every reason that was found.
///
/// @param findings at least one
public record Rejected(List<Finding> findings) implements Verdict {
    public Rejected {
        findings = List.copyOf(findings);
        if (findings.isEmpty()) {
            throw new IllegalArgumentException("a rejection names at least one finding");
        }
    }
}
