package s3ml.attest;

/// What an [Appraiser] keeps between calls, once it is verified. Kept material is keyed by its exact bytes and bounded
/// in number; trust in the root, every window of time, every revocation, the TCB levels and the policy are judged anew
/// each time.
public enum Keep {
    /// Nothing: every signature is verified on every call.
    NOTHING,
    /// Collateral and PCK certificate chains: what the next quote of any machine of one kind needs again.
    COLLATERAL_AND_CHAINS,
    /// Also reports of quoting enclaves with their attestation keys: what the next quote of the same machine needs
    /// again.
    PLATFORMS
}
