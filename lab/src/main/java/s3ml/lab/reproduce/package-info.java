/// Two builds of one commit under unlike conditions, compared byte by byte.
///
/// Entry type: [s3ml.lab.reproduce.ReproduceCommand]. Nothing here is trusted, and nothing here is released.
@NullMarked
package s3ml.lab.reproduce;

import org.jspecify.annotations.NullMarked;
