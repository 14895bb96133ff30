/// The lab's command line: `s3ml lab`. Each experiment's package brings its own commands; this one only lists them.
///
/// Nothing here is trusted, and nothing here is released.
@NullMarked
package s3ml.lab.cli;

import org.jspecify.annotations.NullMarked;
