package s3ml.attest;

/// Jazzer's way into [FuzzTargets#quote(byte[])].
public final class QuoteTarget {
    private QuoteTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.quote(data);
    }
}
