/// Options of the command line that many commands have, as mixins of picocli: one text of help and one behaviour each.
@NullMarked
package s3ml.client.options;

import org.jspecify.annotations.NullMarked;
