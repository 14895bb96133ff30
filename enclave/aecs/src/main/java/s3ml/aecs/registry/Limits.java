package s3ml.aecs.registry;

import java.time.Duration;

/// How much one AECS holds. Each limit is a refusal with a code, never a failure later on.
public final class Limits {
    /// As the paper's AECS: far above what one operator runs, and small enough to keep in enclave memory.
    public static final int SERVICES = 256;
    /// So that one tenant cannot use up the services of all.
    public static final int SERVICES_OF_TENANT = 64;
    /// One commit must be able to delete them all together with their service.
    public static final int MODELS_OF_SERVICE = 48;

    /// As for models.
    public static final int SECRETS_OF_SERVICE = 32;
    /// Old versions of a secret that are still in their grace period.
    public static final int VERSIONS_OF_SECRET = 8;
    /// Live leases of one service: replicas are counted in tens; restarts leave expired ones behind for a while.
    public static final int LEASES_OF_SERVICE = 20_000;
    /// DNS names and addresses in a certificate.
    public static final int NAMES_OF_SERVICE = 32;

    public static final int CONFIGURATION_ENTRIES = 128;
    /// Keys and values together; a lease carries them.
    public static final int CONFIGURATION_BYTES = 64 * 1024;
    /// Imported secrets, as in the paper's AECS.
    public static final int DATA_BYTES = 10 * 1024;
    /// A policy with a thousand rules fits.
    public static final int POLICY_BYTES = 256 * 1024;

    public static final int REVOKED_MEASUREMENTS = 256;
    public static final int ADMINS = 16;
    /// A DCAP quote with its certificate chain has some 5 KB.
    public static final int EVIDENCE_BYTES = 64 * 1024;
    /// Claims have fixed fields of some 200 bytes.
    public static final int CLAIMS_BYTES = 4 * 1024;
    /// A command carries at most a policy or a configuration.
    public static final int COMMAND_BYTES = 512 * 1024;

    /// How long a command may travel between the admins who sign it.
    public static final Duration DETACHED = Duration.ofDays(30);

    private Limits() {}
}
