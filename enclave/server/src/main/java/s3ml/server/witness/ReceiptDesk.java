package s3ml.server.witness;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import s3ml.attest.Digest;
import s3ml.protocol.receipt.InferenceReceipt;
import s3ml.protocol.receipt.TensorDigest;
import s3ml.server.engine.Answer;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.RequestRefused;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.OutputTensor;

/// Signs receipts under the key of the present lease. Thread-safe.
public final class ReceiptDesk {
    private final Function<ModelName, Optional<Digest>> models;
    private final InstantSource clock;
    private final AtomicReference<Optional<Signer>> signer = new AtomicReference<>(Optional.empty());

    /// What a lease brings.
    ///
    /// @param certificate of the key
    public record Signer(PrivateKey key, X509Certificate certificate, InferenceReceipt.Enclave enclave) {}

    /// @param models digests of the files of loaded models
    public ReceiptDesk(Function<ModelName, Optional<Digest>> models, InstantSource clock) {
        this.models = models;
        this.clock = clock;
    }

    /// Signs by this from now on; empty: signs nothing.
    public void renew(Optional<Signer> renewed) {
        signer.set(renewed);
    }

    /// Answers with a receipt beside the result.
    Answer watch(ModelName model, Digest salt, InferenceRequest request, Answer answer) {
        Signer now =
                signer.get().orElseThrow(() -> new RequestRefused(Fault.NOT_OFFERED, "this server signs no receipts"));
        Digest file = models.apply(model)
                .orElseThrow(() -> new RequestRefused(Fault.MODEL_NOT_READY, "the model is being unloaded"));
        Digest asked = inputs(salt, request.inputs());
        return new Answer() {
            @Override
            public void succeed(InferenceResult result) {
                InferenceReceipt receipt = new InferenceReceipt(
                        salt,
                        asked,
                        outputs(salt, result.outputs()),
                        new InferenceReceipt.Model(model.name(), model.version(), file),
                        now.enclave(),
                        clock.instant());
                answer.succeed(result.withReceipt(receipt.sign(now.key(), now.certificate())));
            }

            @Override
            public void refuse(RequestRefused refused) {
                answer.refuse(refused);
            }

            @Override
            public boolean abandoned() {
                return answer.abandoned();
            }
        };
    }

    private static Digest inputs(Digest salt, List<InputTensor> inputs) {
        TensorDigest digest = new TensorDigest(salt);
        for (InputTensor input : inputs) {
            byte[] contents = new byte[Math.toIntExact(input.data().byteSize())];
            input.data().copyTo(MemorySegment.ofArray(contents));
            digest.add(input.name(), input.type().name(), dims(input.shape().dims()), ByteBuffer.wrap(contents));
        }
        return digest.digest();
    }

    private static Digest outputs(Digest salt, List<OutputTensor> outputs) {
        TensorDigest digest = new TensorDigest(salt);
        for (OutputTensor output : outputs) {
            digest.add(output.name(), output.type().name(), dims(output.shape().dims()), output.data());
        }
        return digest.digest();
    }

    private static long[] dims(int[] dims) {
        return Arrays.stream(dims).asLongStream().toArray();
    }
}
