/// Experiments on attestation: conformance to the verdicts of Intel's library, and speed beside the Rust crate
/// dcap-qvl.
///
/// Entry types: the command classes, which the root of the lab registers. Trusts the folder of expected verdicts it is
/// given and the peer that it builds; nothing here runs in production.
@NullMarked
package s3ml.lab.attest;

import org.jspecify.annotations.NullMarked;
