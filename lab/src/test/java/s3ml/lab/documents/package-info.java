/// Runs the commands that the documents show, as a reader would.
@NullMarked
package s3ml.lab.documents;

import org.jspecify.annotations.NullMarked;
