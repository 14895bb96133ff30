/// What many experiments have: options, as mixins of picocli, one text of help and one behaviour each; how figures are
/// told.
@NullMarked
package s3ml.lab.options;

import org.jspecify.annotations.NullMarked;
