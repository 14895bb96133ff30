/// The Open Inference Protocol over HTTP, and TensorFlow Serving's, on Netty's codecs.
///
/// Entry: [s3ml.server.rest.RestApi], behind [s3ml.server.rest.RestHandler]. Every byte of a request is hostile: sizes
/// are compared with what arrived before anything is allocated, and every refusal has its code.
@NullMarked
package s3ml.server.rest;

import org.jspecify.annotations.NullMarked;
