@NullMarked
package s3ml.protocol.trace;

import org.jspecify.annotations.NullMarked;
