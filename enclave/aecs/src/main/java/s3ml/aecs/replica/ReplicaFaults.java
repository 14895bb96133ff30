package s3ml.aecs.replica;

import s3ml.attest.S3mlException;
import s3ml.protocol.Endpoint;

/// Failures of replicas with each other.
///
/// | code | meaning |
/// | --- | --- |
/// | `AECS-250` | this replica could not join |
/// | `AECS-251` | a recovery share is not right |
/// | `AECS-252` | the confirmed head is not the one of the storage |
/// | `AECS-253` | a witness signed a newer log than the storage holds, or another one |
/// | `AECS-254` | too few witnesses answer for a start |
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

    static S3mlException witnessed(Endpoint witness, String why) {
        return new S3mlException(
                "AECS-253",
                "refused the storage: witness " + witness + " signed a log that it does not hold",
                why,
                "bring back the newest storage or backup; only if what is missing is given up for good, have the"
                        + " witness's owner remove its head of this AECS");
    }

    static S3mlException unwitnessed(int answered, int needed, String why) {
        return new S3mlException(
                "AECS-254",
                "cannot tell whether the storage is the newest",
                answered + " of the " + needed + " witnesses needed answered: " + why,
                "start the witnesses or correct their addresses and keys; \"witnessesNeeded\" says how many must"
                        + " answer");
    }
}
