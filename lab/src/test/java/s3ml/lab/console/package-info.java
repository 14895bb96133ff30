@NullMarked
package s3ml.lab.console;

import org.jspecify.annotations.NullMarked;
