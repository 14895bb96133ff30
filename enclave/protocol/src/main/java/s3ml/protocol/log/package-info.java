/// The transparency log as its readers compute it: RFC 6962 Merkle trees and the proofs over them.
///
/// Entry types: [LogVerifier] for who was given a proof, [ProofPlan] for who makes one, [CoSignatures] for witnesses,
/// [Merkle] for the hashes. Nothing here reads a file, a
/// clock or the network.
///
/// Trust: proofs come from an operator's machine or from a file; they convince only together with a head that is signed
/// by an AECS identity which the caller has attested. What remains possible is a log that shows two parties two
/// different trees; remembered heads and witnesses, which compare them, are what exposes that.
@NullMarked
package s3ml.protocol.log;

import org.jspecify.annotations.NullMarked;
