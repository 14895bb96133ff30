/// Tests of pictures and detections.
@NullMarked
package s3ml.client.image;

import org.jspecify.annotations.NullMarked;
