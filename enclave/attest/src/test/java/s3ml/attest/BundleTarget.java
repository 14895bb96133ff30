package s3ml.attest;

/// Jazzer's way into [FuzzTargets#bundle(byte[])].
public final class BundleTarget {
    private BundleTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.bundle(data);
    }
}
