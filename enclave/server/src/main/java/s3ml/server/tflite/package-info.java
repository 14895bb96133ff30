/// TensorFlow Lite with its XNNPACK delegate, by the foreign-function API.
///
/// Entry: [s3ml.server.tflite.Interpreter]. The native library is part of the enclave and trusted as such; model bytes
/// are authenticated before they come here, and TensorFlow Lite verifies the flatbuffer again.
@NullMarked
package s3ml.server.tflite;

import org.jspecify.annotations.NullMarked;
