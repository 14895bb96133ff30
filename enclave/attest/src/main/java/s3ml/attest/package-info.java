/// Attestation: evidence in, verdict out. Reads quotes of Intel SGX and TDX, verifies them against the vendor's
/// collateral, judges them by a policy, and asks the platform for quotes of its own.
///
/// Entry type: [s3ml.attest.Appraiser]. Trusts the JDK, the JCA provider that the caller chose, the clock that the
/// caller reads, and the roots that the policy names; quotes, collateral, certificates and tokens are hostile until
/// verified.
@NullMarked
package s3ml.attest;

import org.jspecify.annotations.NullMarked;
