/// The attestation-based enclave configuration service (AECS): keys, certificates and configuration that only attested
/// code gets.
///
/// Entry type: [AecsProcess], which runs one AECS on a [s3ml.attest.Platform]; [AecsMain] wires real hardware.
///
/// Trust: everything from outside is hostile until proven otherwise: the configuration file and the store are the
/// host's, requests are anybody's. Enclaves prove themselves by evidence, admins by signatures; the store is kept
/// honest by [s3ml.aecs.state].
@NullMarked
package s3ml.aecs;

import org.jspecify.annotations.NullMarked;
