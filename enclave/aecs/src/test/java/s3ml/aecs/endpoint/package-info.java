/// Tests of the network's edge.
@NullMarked
package s3ml.aecs.endpoint;

import org.jspecify.annotations.NullMarked;
