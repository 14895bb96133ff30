package s3ml.client;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import s3ml.attest.Digest;
import s3ml.protocol.trace.TraceParent;

/// What a model is asked.
///
/// @param model model name
/// @param version model version; empty: the one that the server's policy chooses
/// @param id repeated in the response; may be empty
/// @param inputs at least one
/// @param outputs names of the wanted outputs; empty: all
/// @param receiptSalt 32 random bytes if a receipt is wanted; the response is refused without a right one
/// @param trace the caller's span, which the server's becomes a child of
public record InferenceRequest(
        String model,
        String version,
        String id,
        List<Tensor> inputs,
        List<String> outputs,
        Optional<Digest> receiptSalt,
        Optional<TraceParent> trace) {
    public InferenceRequest(String model, String version, String id, List<Tensor> inputs, List<String> outputs) {
        this(model, version, id, inputs, outputs, Optional.empty(), Optional.empty());
    }

    public InferenceRequest {
        if (model.isEmpty()) {
            throw new IllegalArgumentException("model must not be empty");
        }
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("inputs must not be empty");
        }
    }

    /// The same, asking the enclave to sign what it answers. A repetition has the same salt.
    public InferenceRequest withReceipt(SecureRandom random) {
        byte[] salt = new byte[Digest.BYTES];
        random.nextBytes(salt);
        return new InferenceRequest(model, version, id, inputs, outputs, Optional.of(Digest.ofBytes(salt)), trace);
    }

    /// The same as a part of a trace. Repetitions and hedges are parts of it, too.
    public InferenceRequest withTrace(TraceParent span) {
        return new InferenceRequest(model, version, id, inputs, outputs, receiptSalt, Optional.of(span));
    }

    /// The same for one version.
    InferenceRequest of(String chosen) {
        return new InferenceRequest(model, chosen, id, inputs, outputs, receiptSalt, trace);
    }

    /// A request for all outputs of the version that the server chooses.
    public static InferenceRequest of(String model, Tensor... inputs) {
        return new InferenceRequest(model, "", "", List.of(inputs), List.of());
    }
}
