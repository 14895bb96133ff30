/// Tests of the experiments on attestation, beside programs that others wrote.
@NullMarked
package s3ml.lab.attest;

import org.jspecify.annotations.NullMarked;
