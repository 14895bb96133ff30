package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import s3ml.attest.S3mlException;
import s3ml.sim.loader.Distribution;

/// The models of the experiments: real ones, resolved by the ordinary package clients.
///
/// Faults: `LAB-126` a model is not there.
public final class ServeModels {
    /// Of Maven Central's `gameAssets-FreightFrenzy`, 5.2 MB, float 1x300x300x3.
    public static final String DETECTOR = "detector";

    private static final String FACE = "face";

    private ServeModels() {}

    /// The detector, which the build of `sim` fetched.
    public static Path detector(Distribution distribution) {
        return existing(distribution.simFile("models/FreightFrenzy_BCDM.tflite"), "build sim first");
    }

    /// The face model, of npm's `@mediapipe/face_detection`, 0.2 MB.
    public static Path face(Path home) {
        return mediaPipe(home, "face-detection", "face_detection/face_detection_short_range.tflite");
    }

    /// A file of a component that npm has as a package of MediaPipe, which is fetched if it is not there yet.
    ///
    /// @param file below the packages' common name
    public static Path mediaPipe(Path home, String component, String file) {
        return existing(
                component(home, component).resolve("node_modules/@mediapipe").resolve(file),
                "run deploy/test/components " + component);
    }

    /// Detector and face model, and `more` by their file names.
    static Map<String, Path> all(Distribution distribution, Path home, List<Path> more) throws IOException {
        Map<String, Path> models = new LinkedHashMap<>();
        models.put(DETECTOR, detector(distribution));
        models.put(FACE, face(home));
        for (Path model : more) {
            models.put(
                    model.getFileName()
                            .toString()
                            .replaceFirst("\\.tflite$", "")
                            .replaceAll("[^A-Za-z0-9]", "-"),
                    existing(model, "name a .tflite file"));
        }
        return models;
    }

    /// The folder of a component, which is fetched if it is not there yet.
    public static Path component(Path home, String name) {
        String said =
                Programs.run(List.of(home.resolve("deploy/test/components").toString(), name));
        Path folder = Path.of(said.strip().lines().reduce((first, last) -> last).orElse(""))
                .resolve(name);
        return existing(folder, "deploy/test/components " + name + " says why it was left out");
    }

    private static Path existing(Path file, String next) {
        if (!Files.exists(file)) {
            throw new S3mlException(
                    "LAB-126", "an experiment lacks " + file.getFileName(), "there is no " + file, next);
        }
        return file;
    }
}
