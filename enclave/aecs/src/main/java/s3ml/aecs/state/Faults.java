package s3ml.aecs.state;

import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;

/// The failures of stored state, in one place so that each has one code.
///
/// | code | meaning |
/// | --- | --- |
/// | `AECS-301` | the storage failed or cannot be reached |
/// | `AECS-302` | a record was changed, swapped, replayed, inserted or deleted |
/// | `AECS-303` | the commit chain is broken or truncated |
/// | `AECS-304` | the head is missing, not signed by this AECS, or of another AECS |
/// | `AECS-305` | the store was rolled back or forked: it contradicts a head that was seen |
/// | `AECS-306` | the root secret does not unseal here |
/// | `AECS-307` | another process keeps changing the state; the transaction gave up |
/// | `AECS-308` | this process stopped using the state after one of the above |
final class Faults {
    private static final String RESTORE =
            "stop this AECS, find out who writes to its storage, and restore a backup that holds the newest head";

    private Faults() {}

    static S3mlException storage(String kind, String doing, @Nullable Throwable cause) {
        String why = cause == null || cause.getMessage() == null ? "no reason given" : cause.getMessage();
        return new S3mlException(
                "AECS-301", kind + " storage failed while " + doing, why, "check that it runs and has room", cause);
    }

    static S3mlException record(String name, String why) {
        return new S3mlException("AECS-302", "record \"" + name + "\" is not the one that was stored", why, RESTORE);
    }

    static S3mlException chain(long sequence, String why) {
        return new S3mlException("AECS-303", "commit " + sequence + " does not fit the chain", why, RESTORE);
    }

    static S3mlException head(String why) {
        return new S3mlException("AECS-304", "the head of the state is not valid", why, RESTORE);
    }

    static S3mlException rollback(String why) {
        return new S3mlException("AECS-305", "the storage was rolled back or forked", why, RESTORE);
    }

    static S3mlException root(String why, @Nullable Throwable cause) {
        return new S3mlException(
                "AECS-306",
                "the root secret does not unseal",
                why,
                "start the same build on the same machine, join a running replica, or recover with the admins' shares",
                cause);
    }

    static S3mlException contention(int tries) {
        return new S3mlException(
                "AECS-307",
                "the change was not made",
                "other replicas changed the state during all " + tries + " tries",
                "try again");
    }

    static S3mlException stopped(S3mlException first) {
        return new S3mlException(
                "AECS-308",
                "this AECS no longer uses its state",
                "it failed earlier: " + first.getMessage(),
                "repair the storage and restart the AECS",
                first);
    }
}
