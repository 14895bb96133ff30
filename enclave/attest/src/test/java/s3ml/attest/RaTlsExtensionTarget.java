package s3ml.attest;

/// Jazzer's way into [FuzzTargets#extension(byte[])].
public final class RaTlsExtensionTarget {
    private RaTlsExtensionTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.extension(data);
    }
}
