package s3ml.client.cli;

import java.util.Set;
import s3ml.attest.S3mlException;

/// The exit statuses of the command line: 0 done, 1 failed, 2 refused or wrong usage.
final class ExitStatus {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int REFUSED = 2;

    /// Failures of machines and networks; every other code says that something was looked at and turned down.
    private static final Set<String> FAILURES = Set.of(
            "PRO-120", "PRO-121", "PRO-139", "CLI-120", "CLI-121", "CLI-123", "CLI-124", "CLI-133", "CLI-140",
            "CLI-157");

    private ExitStatus() {}

    static int of(S3mlException failure) {
        // ATT-3xx: collateral could not be fetched.
        return FAILURES.contains(failure.code()) || failure.code().startsWith("ATT-3") ? FAILED : REFUSED;
    }
}
