package s3ml.attest;

/// Jazzer's way into [FuzzTargets#policy(byte[])].
public final class PolicyTarget {
    private PolicyTarget() {}

    public static void fuzzerTestOneInput(byte[] data) {
        FuzzTargets.policy(data);
    }
}
