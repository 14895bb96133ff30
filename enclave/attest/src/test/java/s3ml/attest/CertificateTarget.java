package s3ml.attest;

/// Jazzer's way into [FuzzTargets#certificate(byte[])].
public final class CertificateTarget {
    private CertificateTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.certificate(data);
    }
}
