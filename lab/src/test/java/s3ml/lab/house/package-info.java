/// Tests over the house itself: which wing may import which, and how large a file may grow. They read the compiled
/// classes and the sources of every module; nothing here is run in production.
@NullMarked
package s3ml.lab.house;

import org.jspecify.annotations.NullMarked;
