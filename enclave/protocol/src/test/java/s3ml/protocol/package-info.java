/// Tests of the protocol: each accepted message has siblings, one step off, that are refused.
@NullMarked
package s3ml.protocol;

import org.jspecify.annotations.NullMarked;
