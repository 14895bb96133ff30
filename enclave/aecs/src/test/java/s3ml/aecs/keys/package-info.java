/// Tests of the package of the same name.
@NullMarked
package s3ml.aecs.keys;

import org.jspecify.annotations.NullMarked;
