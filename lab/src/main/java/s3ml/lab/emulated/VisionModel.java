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
    /// Of [ServeModels#face].
    FACE(100, (home, folder) -> ServeModels.face(home)),
    /// Of npm's `@mediapipe/hands`, 5.4 MB.
    HAND(150, (home, folder) -> ServeModels.mediaPipe(home, "hand-model", "hands/hand_landmark_full.tflite")),
    /// Of npm's `@mediapipe/pose`, 6.3 MB.
    POSE(250, (home, folder) -> ServeModels.mediaPipe(home, "pose-model", "pose/pose_landmark_full.tflite")),
    /// MobileNet V2 with a detector's heads, of 16-bit floats, 10 MB; within a file of npm's `@mediapipe/objectron`.
    MOBILENET(
            250,
            (home, folder) -> unpacked(
                    ServeModels.mediaPipe(home, "objectron-model", "objectron/objectron_solution_packed_assets.data"),
                    "ssd_mobilenetv2",
                    folder)),
    /// Of [ServeModels#detector].
    DETECTOR(250, (home, folder) -> ServeModels.detector(Distribution.at(home))),
    /// Finds boxes in space; of npm's `@mediapipe/objectron`, 5.2 MB.
    OBJECTRON(
            250,
            (home, folder) ->
                    ServeModels.mediaPipe(home, "objectron-model", "objectron/object_detection_3d_chair.tflite"));

    private final Duration objective;

    @SuppressWarnings("ImmutableEnumChecker") // its lambdas hold nothing
    private final Source source;

    private interface Source {
        Path file(Path home, Path folder) throws IOException;
    }

    VisionModel(int objectiveMillis, Source source) {
        this.objective = Duration.ofMillis(objectiveMillis);
        this.source = source;
    }

    /// Of p99.
    Duration objective() {
        return objective;
    }

    /// The model's file.
    ///
    /// @param home of the built tree
    /// @param folder where one is put that lies within another file
    Path file(Path home, Path folder) throws IOException {
        return source.file(home, folder);
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
    static Path unpacked(Path data, String wanted, Path folder) throws IOException {
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
