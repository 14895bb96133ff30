/// Makes keys and certificates: the service CA, replica certificates, TLS ticket keys, HPKE keys, and the secrets of
/// services.
///
/// Entry type: [ServiceCa].
///
/// Trust: Everything here runs inside the enclave on keys that never leave it unsealed.
@NullMarked
package s3ml.aecs.keys;

import org.jspecify.annotations.NullMarked;
