package s3ml.aecs.replica;

import s3ml.attest.S3mlException;

/// Failures of replicas with each other.
///
/// | code | meaning |
/// | --- | --- |
/// | `AECS-250` | this replica could not join |
/// | `AECS-251` | a recovery share is not right |
/// | `AECS-252` | the confirmed head is not the one of the storage |
public final class ReplicaFaults {
    private ReplicaFaults() {}

    static S3mlException joinRefused(String why) {
        return new S3mlException(
                "AECS-250",
                "this replica did not get the root secret",
                why,
                "check that its peers run, and that their replica policy accepts this build");
    }

    static S3mlException share(String why) {
        return new S3mlException(
                "AECS-251", "refused the recovery share", why, "open the newest share of this AECS and send it again");
    }

    static S3mlException head(String why) {
        return new S3mlException(
                "AECS-252",
                "refused the confirmed head",
                why,
                "compare with what clients, witnesses and audit logs saw; restore the newest backup");
    }
}
