/// Options that many experiments have, as mixins of picocli: one text of help and one behaviour each.
@NullMarked
package s3ml.lab.options;

import org.jspecify.annotations.NullMarked;
