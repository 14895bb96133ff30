package s3ml.attest;

/// Jazzer's way into [FuzzTargets#revocationList(byte[])].
public final class CrlTarget {
    private CrlTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.revocationList(data);
    }
}
