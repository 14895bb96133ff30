package s3ml.attest;

/// Jazzer's way into [FuzzTargets#tcbInfo(byte[])].
public final class TcbInfoTarget {
    private TcbInfoTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.tcbInfo(data);
    }
}
