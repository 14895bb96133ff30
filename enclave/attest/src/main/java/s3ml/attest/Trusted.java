package s3ml.attest;

/// Evidence that passed every check and the caller's policy. Only an [Appraiser] can make one, so a method that asks
/// for a `Trusted` cannot be called with evidence that nobody appraised.
public final class Trusted implements Verdict {
    private final Claims claims;

    Trusted(Claims claims) {
        this.claims = claims;
    }

    /// What the evidence proves.
    public Claims claims() {
        return claims;
    }

    /// Whether the evidence comes from a platform that is no TEE.
    public boolean simulated() {
        return claims.simulated();
    }

    @Override
    public String toString() {
        return (simulated() ? "Trusted (SIMULATED)[" : "Trusted[") + claims.measurement() + ", " + claims.tcbStatus()
                + "]";
    }
}
