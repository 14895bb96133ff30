/// Runs models: checks requests against what a model declares, queues them within bounds, and invokes the interpreter
/// on the one thread that owns all of them.
///
/// Entry: [s3ml.server.engine.InferenceEngine]. Requests are untrusted; every refusal names only what the caller sent.
@NullMarked
package s3ml.server.engine;

import org.jspecify.annotations.NullMarked;
