package s3ml.attest;

import java.util.List;

/// Carries findings out of a stage of the appraisal. It has no stack trace: refusing hostile input must be cheap.
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Finding> findings;

    Refusal(Check check, String claim, String expected, String actual) {
        this(List.of(new Finding(check, claim, expected, actual)));
    }

    Refusal(List<Finding> findings) {
        super(findings.toString(), null, false, false);
        this.findings = findings;
    }

    List<Finding> findings() {
        return findings;
    }

    /// The refusal as the failure of a public parser.
    S3mlException failure(String what, String next) {
        Finding first = findings.getFirst();
        return new S3mlException(
                first.code(), what, first.claim() + " should be " + first.expected() + ", not " + first.actual(), next);
    }
}
