/// Receipts for inferences: what a replica of a service signs about one question and one answer, so that a client can
/// later show both to somebody who trusts the service's CA.
///
/// Entry type: [s3ml.protocol.receipt.InferenceReceipt]. A receipt holds digests only, salted by the client: whoever
/// finds one learns nothing about inputs or outputs that could be guessed. What it says about the enclave is believed
/// because the AECS gave the signing key to no other.
@NullMarked
package s3ml.protocol.receipt;

import org.jspecify.annotations.NullMarked;
