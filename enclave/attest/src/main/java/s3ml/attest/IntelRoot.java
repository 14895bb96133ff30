package s3ml.attest;

/// Intel's production root for SGX and TDX, the only root that is built in.
final class IntelRoot {
    /// The SHA-256 of the certificate "Intel SGX Root CA" (serial 22650CD6…, valid 2018-05-21 to 2049-12-31).
    static final Digest FINGERPRINT = Digest.parse("44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");

    private IntelRoot() {}
}
