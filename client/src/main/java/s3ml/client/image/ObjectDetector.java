package s3ml.client.image;

import java.awt.image.BufferedImage;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.client.Datatype;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceRequest;
import s3ml.client.InferenceResponse;
import s3ml.client.ModelMetadata;
import s3ml.client.Tensor;

/// Finds objects in pictures by a detector that an attested service runs.
///
/// The model takes one float picture 1×H×W×3 (red, green, blue) in [-1, 1] and gives TFLite's detection outputs. Safe
/// for use by several threads.
///
/// Codes: `CLI-130` outputs that are not a detector's, `CLI-131` inputs that are not.
public final class ObjectDetector {
    private static final int PICTURE_RANK = 4;
    private static final int CHANNELS = 3;
    /// Larger pictures than any mobile detector takes; bounds what a server can make the client allocate.
    private static final int MAX_SIDE = 4096;

    private final InferenceClient client;
    private final String model;
    private final ModelMetadata.TensorInfo input;
    private final List<String> labels;

    private ObjectDetector(InferenceClient client, String model, ModelMetadata.TensorInfo input, List<String> labels) {
        this.client = client;
        this.model = model;
        this.input = input;
        this.labels = List.copyOf(labels);
    }

    /// Asks the service for the model's input.
    ///
    /// @param labels class names by index; may be empty
    /// @throws S3mlException `CLI-131` if the model is no detector, and those of [InferenceClient]
    public static ObjectDetector of(InferenceClient client, List<String> labels) {
        ModelMetadata metadata = client.metadata();
        ModelMetadata.TensorInfo input =
                metadata.inputs().isEmpty() ? null : metadata.inputs().getFirst();
        if (input == null || metadata.inputs().size() != 1 || !takesPictures(input)) {
            throw new S3mlException(
                    "CLI-131",
                    "model \"" + metadata.name() + "\" is not a detector",
                    "its inputs are " + metadata.inputs() + ", not one FP32 picture 1×H×W×3",
                    "use the library for other models");
        }
        return new ObjectDetector(client, metadata.name(), input, labels);
    }

    private static boolean takesPictures(ModelMetadata.TensorInfo input) {
        List<Long> shape = input.shape();
        return input.datatype() == Datatype.FP32
                && shape.size() == PICTURE_RANK
                && shape.get(3) == CHANNELS
                && shape.subList(1, 3).stream().allMatch(side -> side >= 1 && side <= MAX_SIDE);
    }

    /// Sends the picture and reads the answer.
    ///
    /// @param minScore 0 to 1: less sure detections are left out
    /// @return best first
    public List<Detection> detect(BufferedImage picture, double minScore) {
        return detections(client.infer(request(picture)), minScore);
    }

    /// What is sent for a picture.
    public InferenceRequest request(BufferedImage picture) {
        int height = Math.toIntExact(input.shape().get(1));
        int width = Math.toIntExact(input.shape().get(2));
        float[] pixels = Pictures.normalised(picture, width, height);
        Tensor tensor =
                Tensor.ofFloats(input.name(), List.of(1L, (long) height, (long) width, (long) CHANNELS), pixels);
        return InferenceRequest.of(model, tensor);
    }

    /// What an answer to [#request] says.
    ///
    /// @param minScore 0 to 1: less sure detections are left out
    /// @return best first
    public List<Detection> detections(InferenceResponse response, double minScore) {
        return DetectionOutputs.of(response).detections(labels, minScore);
    }
}
