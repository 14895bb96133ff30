@NullMarked
package s3ml.console;

import org.jspecify.annotations.NullMarked;
