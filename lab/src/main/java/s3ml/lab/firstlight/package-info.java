/// The figures of the main job: how long until the first detection, what TLS, attestation and the protocol cost beside
/// a raw loop in the same run, and how much memory a model server holds. Entry type:
/// [s3ml.lab.firstlight.FirstLightCommand]. Everything runs on this machine with simulated attestation.
@NullMarked
package s3ml.lab.firstlight;

import org.jspecify.annotations.NullMarked;
