/// Tests of the package of the same name.
@NullMarked
package s3ml.aecs.release;

import org.jspecify.annotations.NullMarked;
