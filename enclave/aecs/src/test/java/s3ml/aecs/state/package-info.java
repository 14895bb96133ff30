/// Tests of the sealed state, with stores that lie.
@NullMarked
package s3ml.aecs.state;

import org.jspecify.annotations.NullMarked;
