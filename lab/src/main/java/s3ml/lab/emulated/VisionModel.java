package s3ml.lab.emulated;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import s3ml.attest.S3mlException;
import s3ml.lab.serve.ServeModels;
import s3ml.sim.loader.Distribution;

/// Real models, fetched by the ordinary package clients. Their objectives are three to five times what an inference
/// takes alone on two cores of a common server.
///
/// Faults: `LAB-126` a model is not there.
enum VisionModel {
    /// Of npm's `@mediapipe/face_detection`, 0.2 MB.
    FACE("face-detection", "face_detection/face_detection_short_range.tflite", 100),
    /// Of npm's `@mediapipe/hands`, 5.4 MB.
    HAND("hand-model", "hands/hand_landmark_full.tflite", 150),
    /// Of npm's `@mediapipe/pose`, 6.3 MB.
    POSE("pose-model", "pose/pose_landmark_full.tflite", 250),
    /// MobileNet V2 with a detector's heads, of 16-bit floats, 10 MB; within a file of npm's `@mediapipe/objectron`.
    MOBILENET("objectron-model", "objectron/objectron_solution_packed_assets.data", 250) {
        @Override
        Path take(Path file, Path folder) throws IOException {
            return unpacked(file, "ssd_mobilenetv2", folder);
        }
    },
    /// Of Maven Central's `gameAssets-FreightFrenzy`, 5.2 MB.
    DETECTOR("", "", 250) {
        @Override
        Path file(Path home, Path folder) {
            return ServeModels.detector(Distribution.at(home));
        }
    },
    /// Finds boxes in space; of npm's `@mediapipe/objectron`, 5.2 MB.
    OBJECTRON("objectron-model", "objectron/object_detection_3d_chair.tflite", 250);

    private final String component;
    private final String file;
    private final Duration objective;

    VisionModel(String component, String file, int objectiveMillis) {
        this.component = component;
        this.file = file;
        this.objective = Duration.ofMillis(objectiveMillis);
    }

    /// Of p99.
    Duration objective() {
        return objective;
    }

    /// The model's file, called by its name.
    ///
    /// @param home of the built tree
    /// @param folder where one is put that lies within another file
    Path file(Path home, Path folder) throws IOException {
        Path found = ServeModels.component(home, component)
                .resolve("node_modules/@mediapipe")
                .resolve(file);
        return take(found, folder);
    }

    /// @param file that the package holds
    Path take(Path file, Path folder) throws IOException {
        return file;
    }

    /// @param names as users write them, comma-separated, or `all`
    /// @throws IllegalArgumentException if there is none of such a name
    static List<VisionModel> of(String names) {
        if (names.equals("all")) {
            return List.of(values());
        }
        return Arrays.stream(names.split(",", -1))
                .map(name -> valueOf(name.toUpperCase(Locale.ROOT)))
                .toList();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The packages of MediaPipe join files into one and list them, with first and last byte, in a script beside it.
    private static Path unpacked(Path data, String wanted, Path folder) throws IOException {
        String script = Files.readString(
                Path.of(data.toString().replaceFirst("\\.data$", "_loader.js")), StandardCharsets.UTF_8);
        Matcher entry = Pattern.compile("\"filename\": *\"([^\"]+)\", *\"start\": *(\\d+), *\"end\": *(\\d+)")
                .matcher(script);
        while (entry.find()) {
            if (entry.group(1).contains(wanted)) {
                byte[] model = Arrays.copyOfRange(
                        Files.readAllBytes(data), Integer.parseInt(entry.group(2)), Integer.parseInt(entry.group(3)));
                return Files.write(folder.resolve(wanted + ".tflite"), model);
            }
        }
        throw new S3mlException(
                "LAB-126",
                "an experiment lacks " + wanted,
                data.getFileName() + " does not list it",
                "fetch the version that deploy/test/components names");
    }
}
