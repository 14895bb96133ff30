/// The Open Inference Protocol over gRPC, with what Triton's clients expect beside it.
///
/// Entry: [s3ml.server.grpc.InferenceService]. Requests are untrusted; refusals carry a code and what the caller sent.
@NullMarked
package s3ml.server.grpc;

import org.jspecify.annotations.NullMarked;
