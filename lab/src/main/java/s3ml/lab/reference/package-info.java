/// Reference pages that are written from the code, so that they cannot say anything else.
///
/// Entry type: [s3ml.lab.reference.ReferenceCommand]. Nothing here is trusted, and nothing here is released.
@NullMarked
package s3ml.lab.reference;

import org.jspecify.annotations.NullMarked;
