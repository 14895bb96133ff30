@NullMarked
package s3ml.operator;

import org.jspecify.annotations.NullMarked;
