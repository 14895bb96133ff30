package s3ml.attest;

/// Where the vendor's statements about a platform come from: a PCCS, a cache on disk, or a bundle.
///
/// A source is not trusted: everything it returns is verified by the [Appraiser].
public interface CollateralSource {
    /// Returns the collateral for the platform that made `quote`. Blocks; may be called by several threads.
    ///
    /// @throws S3mlException with a code `ATT-3xx` when none can be had
    Collateral collateralFor(Quote quote);
}
