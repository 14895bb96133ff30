/// Tensors as the inference protocols name them: datatypes, shapes, and data that has not been copied yet.
///
/// Entry: [s3ml.server.tensor.TensorData]. Shapes and contents come from requests, so every count is checked here
/// before it is multiplied or allocated.
@NullMarked
package s3ml.server.tensor;

import org.jspecify.annotations.NullMarked;
