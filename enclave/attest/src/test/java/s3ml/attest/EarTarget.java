package s3ml.attest;

/// Jazzer's way into [FuzzTargets#ear(byte[])].
public final class EarTarget {
    private EarTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.ear(data);
    }
}
