/// Tests of what a told weight does.
@NullMarked
package s3ml.server.steering;

import org.jspecify.annotations.NullMarked;
