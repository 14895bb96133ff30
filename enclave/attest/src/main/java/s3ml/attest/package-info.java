/// Attestation: evidence in, verdict out.
@NullMarked
package s3ml.attest;

import org.jspecify.annotations.NullMarked;
