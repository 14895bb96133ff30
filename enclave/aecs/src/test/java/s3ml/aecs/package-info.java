/// Tests of the AECS's configuration and process.
@NullMarked
package s3ml.aecs;

import org.jspecify.annotations.NullMarked;
