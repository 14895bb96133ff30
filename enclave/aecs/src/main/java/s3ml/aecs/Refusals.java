package s3ml.aecs;

import s3ml.attest.S3mlException;

/// Refusals of the AECS, each with its code. Towards peers that are not admins only the code leaves.
///
/// | code | meaning |
/// | --- | --- |
/// | `AECS-201` | the nonce is not one of this AECS, has expired, or was used |
/// | `AECS-202` | the request is malformed |
/// | `AECS-210` | denied: evidence, policy or service do not allow it (why is told to the admin only) |
/// | `AECS-211` | the lease was ended: drop its keys now |
/// | `AECS-220` | too many requests; try again later |
/// | `AECS-221` | the service has as many leases as it may |
/// | `AECS-230` | cannot answer now: collateral, storage or platform are away |
/// | `AECS-240` | the command's signature, key or instance is not right |
/// | `AECS-241` | this key may not give this command |
/// | `AECS-242` | there is no such object |
/// | `AECS-243` | the object changed since the admin saw it |
/// | `AECS-244` | the command's content is not acceptable |
/// | `AECS-245` | a limit is reached |
/// | `AECS-246` | the object is read-only |
public final class Refusals {
    private Refusals() {}

    public static S3mlException nonce() {
        return new S3mlException(
                "AECS-201",
                "refused the request",
                "its nonce is not from this replica, has expired, or was used before",
                "ask for a new challenge");
    }

    public static S3mlException malformed(String why) {
        return new S3mlException("AECS-202", "refused the request", why, "build it after aecs.proto");
    }

    public static S3mlException denied(String service, String why) {
        return new S3mlException(
                "AECS-210",
                "denied the keys of service \"" + service + "\"",
                why,
                "compare the enclave with the service's policy");
    }

    public static S3mlException ended(String service, String why) {
        return new S3mlException(
                "AECS-211", "ended a lease of service \"" + service + "\"", why, "drop the keys of this lease");
    }

    public static S3mlException tooMany(String what) {
        return new S3mlException("AECS-220", "refused the request", what, "try again later");
    }

    public static S3mlException leaseLimit(String service, int limit) {
        return new S3mlException(
                "AECS-221",
                "gave no lease for service \"" + service + "\"",
                "it has " + limit + " leases that have not expired",
                "shorten leaseSeconds, or find out who starts so many enclaves");
    }

    public static S3mlException unavailable(String what, String why) {
        return new S3mlException("AECS-230", what, why, "try again later");
    }

    public static S3mlException badSignature(String why) {
        return new S3mlException(
                "AECS-240", "refused the command", why, "sign it with an admin's key for this AECS's instance id");
    }

    public static S3mlException notAllowed(String action, String role) {
        return new S3mlException(
                "AECS-241", "refused " + action, "only " + role + " may do this", "use that admin's key");
    }

    public static S3mlException notFound(String what) {
        return new S3mlException("AECS-242", "refused the command", "there is no " + what, "list what exists");
    }

    public static S3mlException conflict(String what, long expected, long actual) {
        return new S3mlException(
                "AECS-243",
                "refused the command",
                what + " has version " + actual + ", the command expects " + expected,
                "look at it again and repeat the command");
    }

    public static S3mlException unacceptable(String what, String why) {
        return new S3mlException("AECS-244", "refused " + what, why, "correct it and repeat the command");
    }

    public static S3mlException limit(String what, long limit) {
        return new S3mlException(
                "AECS-245", "refused the command", "there may be at most " + limit + " " + what, "remove some first");
    }

    public static S3mlException readOnly(String what) {
        return new S3mlException(
                "AECS-246", "refused the command", what + " was created read-only", "create another one");
    }
}
