/// Leases: keys against evidence.
///
/// Entry type: [ReleaseDesk].
///
/// Trust: Requests come from anybody. Nothing is given before the evidence was appraised under the service's policy,
/// and what is given is sealed to a key that stands in the evidence. Who is refused learns a code, never a reason.
@NullMarked
package s3ml.aecs.release;

import org.jspecify.annotations.NullMarked;
