package s3ml.attest;

/// Jazzer's way into [FuzzTargets#cbor(byte[])].
public final class CborTarget {
    private CborTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.cbor(data);
    }
}
