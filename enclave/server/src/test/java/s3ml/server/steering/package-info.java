/// Tests of what a told share does.
@NullMarked
package s3ml.server.steering;

import org.jspecify.annotations.NullMarked;
