package s3ml.attest;

/// What a quote says about the code that asked for it: a report of an SGX enclave or of a TDX trust domain.
public sealed interface QuoteBody permits SgxReport, TdReport {
    /// The caller's 64 bytes.
    ReportData reportData();

    /// Whether a debugger may read the memory: such code keeps no secret.
    boolean debug();
}
