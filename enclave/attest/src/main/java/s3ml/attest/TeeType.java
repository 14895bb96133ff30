package s3ml.attest;

/// The kind of trusted execution environment a quote speaks of (DCAP quote header, `tee_type`).
public enum TeeType {
    SGX,
    TDX
}
