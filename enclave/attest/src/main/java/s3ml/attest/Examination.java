package s3ml.attest;

import java.util.List;
import java.util.Optional;

/// What evidence proves by itself, before any policy: not a verdict, and nothing to act on.
///
/// @param claims present when the evidence is genuine: then there are no findings
/// @param findings why it is not
public record Examination(Optional<Claims> claims, List<Finding> findings) {
    public Examination {
        findings = List.copyOf(findings);
        if (claims.isPresent() != findings.isEmpty()) {
            throw new IllegalArgumentException("evidence is genuine when there are no findings, and only then");
        }
    }
}
