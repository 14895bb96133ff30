package s3ml.attest;

/// The hardware edge at which code proves what it is: asks the platform for a DCAP quote over 64 bytes of the caller's.
public interface EvidenceIssuer {
    /// Returns a DCAP quote whose report data is `reportData`. Blocks; may be called by several threads.
    ///
    /// @throws S3mlException with a code `ATT-4xx` when the platform refuses or answers with something else
    byte[] issue(ReportData reportData);

    /// What makes the quote, for people: for example `gramine`, `occlum`, `configfs-tsm`.
    String name();

    /// Whether the evidence comes from a platform that is no TEE. Every policy refuses it unless it names its root.
    boolean simulated();
}
