/// Packs what the build leaves into images: [s3ml.images.ImagesMain] is the entry. An image is a list of files
/// ([s3ml.images.Contents]), and everything else is derived from that list: the OCI tar, the Gramine manifest, the
/// Occlum description. A build tool: nothing here runs in production, and what it makes is trusted only as far as its
/// measurement is.
@NullMarked
package s3ml.images;

import org.jspecify.annotations.NullMarked;
