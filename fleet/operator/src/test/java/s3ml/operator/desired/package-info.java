@NullMarked
package s3ml.operator.desired;

import org.jspecify.annotations.NullMarked;
