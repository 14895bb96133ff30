/// What anybody may ask: proof of what the AECS is, what a service runs under, and the transparency log.
///
/// Entry type: [TrustDesk].
///
/// Trust: Answers are signed by the AECS identity and bound to the caller's nonce, so the way they travel does not
/// matter.
@NullMarked
package s3ml.aecs.trust;

import org.jspecify.annotations.NullMarked;
