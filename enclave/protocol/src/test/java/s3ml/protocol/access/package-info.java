/// Tests of access rules.
@NullMarked
package s3ml.protocol.access;

import org.jspecify.annotations.NullMarked;
