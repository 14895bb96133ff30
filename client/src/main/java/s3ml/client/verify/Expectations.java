package s3ml.client.verify;

import java.util.Optional;
import s3ml.attest.Digest;
import s3ml.attest.Policy;

/// What the person who verifies knows beforehand, and holds the server against. What is absent is not checked, and the
/// report says so.
///
/// @param aecsPolicy which AECS is trusted; without it nothing is
/// @param service the service's name
/// @param servicePolicy the policy under which the service's keys may be released, exactly as a text
/// @param model what is to be served
/// @param referenceValues the published measurements
public record Expectations(
        Optional<Policy> aecsPolicy,
        Optional<String> service,
        Optional<Policy> servicePolicy,
        Optional<ExpectedModel> model,
        Optional<ReferenceValues> referenceValues) {
    public static final Expectations NONE =
            new Expectations(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /// These, and the other's where these are silent.
    public Expectations orElse(Expectations other) {
        return new Expectations(
                aecsPolicy.or(other::aecsPolicy),
                service.or(other::service),
                servicePolicy.or(other::servicePolicy),
                model.or(other::model),
                referenceValues.or(other::referenceValues));
    }

    /// A model or a package, by digest.
    ///
    /// @param name of the file, for the report
    /// @param packaged whether the digest is that of a package's manifest, or of the plain model
    public record ExpectedModel(String name, Digest digest, boolean packaged) {}
}
