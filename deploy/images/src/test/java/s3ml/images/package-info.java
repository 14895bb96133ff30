@NullMarked
package s3ml.images;

import org.jspecify.annotations.NullMarked;
