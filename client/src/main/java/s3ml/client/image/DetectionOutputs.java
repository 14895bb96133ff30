package s3ml.client.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import s3ml.attest.S3mlException;
import s3ml.client.Datatype;
import s3ml.client.InferenceResponse;
import s3ml.client.Tensor;

/// The four outputs of a TFLite detector, recognised by their shapes and contents, because exporters name and order
/// them differently: boxes 1×N×4 (ymin, xmin, ymax, xmax), classes 1×N, scores 1×N, and the number of detections.
///
/// Codes: `CLI-130` outputs that are not a detector's.
final class DetectionOutputs {
    private static final int BOX_VALUES = 4;

    private final float[] boxes;
    private final float[] classes;
    private final float[] scores;

    private DetectionOutputs(float[] boxes, float[] classes, float[] scores) {
        this.boxes = boxes;
        this.classes = classes;
        this.scores = scores;
    }

    static DetectionOutputs of(InferenceResponse response) {
        Tensor boxes = null;
        List<Tensor> perDetection = new ArrayList<>();
        for (Tensor tensor : response.outputs()) {
            if (tensor.datatype() != Datatype.FP32) {
                continue;
            }
            int rank = tensor.shape().size();
            if (rank == 3 && tensor.shape().getLast() == BOX_VALUES) {
                boxes = tensor;
            } else if (rank == 2) {
                perDetection.add(tensor);
            }
        }
        if (boxes == null || perDetection.size() != 2) {
            throw new S3mlException(
                    "CLI-130",
                    "cannot read detections",
                    "the outputs " + response.outputs() + " are not boxes, classes and scores",
                    "use a detector, or the library for other models");
        }
        boolean firstIsScores = isScores(perDetection.getFirst(), perDetection.getLast());
        Tensor scores = firstIsScores ? perDetection.getFirst() : perDetection.getLast();
        Tensor classes = firstIsScores ? perDetection.getLast() : perDetection.getFirst();
        int count = scores.floats().length;
        if (classes.floats().length != count || boxes.floats().length != count * BOX_VALUES) {
            throw new S3mlException(
                    "CLI-130",
                    "cannot read detections",
                    "boxes, classes and scores are of different numbers",
                    "report it to the model's owner");
        }
        return new DetectionOutputs(boxes.floats(), classes.floats(), scores.floats());
    }

    /// Whether the first of the two holds the scores: by name, else because classes are whole numbers.
    private static boolean isScores(Tensor first, Tensor second) {
        if (named(first, "score") || named(second, "class") || named(second, "categor")) {
            return true;
        }
        if (named(second, "score") || named(first, "class") || named(first, "categor")) {
            return false;
        }
        return !wholeNumbers(first) && wholeNumbers(second);
    }

    private static boolean named(Tensor tensor, String part) {
        return tensor.name().toLowerCase(Locale.ROOT).contains(part);
    }

    private static boolean wholeNumbers(Tensor tensor) {
        for (float value : tensor.floats()) {
            if (value != Math.rint(value)) {
                return false;
            }
        }
        return true;
    }

    List<Detection> detections(List<String> labels, double minScore) {
        List<Detection> found = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] >= minScore) {
                int at = i * BOX_VALUES;
                Detection.Box box = new Detection.Box(
                        clamp(boxes[at]), clamp(boxes[at + 1]), clamp(boxes[at + 2]), clamp(boxes[at + 3]));
                found.add(new Detection(label(labels, Math.round(classes[i])), scores[i], box));
            }
        }
        found.sort((left, right) -> Double.compare(right.score(), left.score()));
        return List.copyOf(found);
    }

    private static String label(List<String> labels, int index) {
        return index >= 0 && index < labels.size() ? labels.get(index) : "class " + index;
    }

    private static double clamp(float value) {
        return Math.clamp(value, 0.0, 1.0);
    }
}
