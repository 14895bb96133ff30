package s3ml.attest;

/// The hardware edge at which an enclave derives keys that only it, on this machine, can derive again.
public interface SealingKeys {
    /// Returns 32 bytes that depend on the machine, on what `to` names, and on `context`; the same input gives the same
    /// key.
    ///
    /// @param context a name for the use of the key, public, at most 4 KiB
    /// @throws S3mlException with a code `ATT-4xx` when the platform gives no key
    SecretBytes derive(SealTo to, byte[] context);
}
