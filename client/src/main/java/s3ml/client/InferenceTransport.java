package s3ml.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// One way to the replicas of a service: the network edge of [InferenceClient].
///
/// A future fails with an [s3ml.attest.S3mlException] of [TransportFault]. Cancelling it cancels the call. Safe for use
/// by several threads.
interface InferenceTransport extends AutoCloseable {
    CompletableFuture<InferenceResponse> infer(InferenceRequest request, Duration timeout);

    CompletableFuture<ModelMetadata> metadata(String model, String version, Duration timeout);

    /// Forgets what was learnt about a lost connection, so that the next call dials at once.
    void connectionLost();

    @Override
    void close();
}
