/// Tests of s3ml.attest. Real evidence comes from the vectors folder, everything else is made here.
@NullMarked
package s3ml.attest;

import org.jspecify.annotations.NullMarked;
