@NullMarked
package s3ml.lab.oip;

import org.jspecify.annotations.NullMarked;
