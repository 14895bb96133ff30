package s3ml.sim.quickstart;

import java.util.ArrayList;
import java.util.List;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.image.Detection;

/// What `s3ml quickstart --json` prints. The shape is an interface that stays.
///
/// @param detections as both protocols gave them
/// @param failover what happened to requests after a server was killed
/// @param secondsToFirstDetection from the start of this process
record QuickstartReport(
        List<Narrator.Step> steps, List<Found> detections, Failover failover, double secondsToFirstDetection) {
    QuickstartReport {
        steps = List.copyOf(steps);
        detections = List.copyOf(detections);
    }

    /// @param protocol `rest` or `grpc`
    record Found(String protocol, Detection detection) {}

    record Failover(int requestsAfter, int errors) {}

    String json() {
        List<JsonValue> stepItems = new ArrayList<>();
        for (Narrator.Step step : steps) {
            stepItems.add(JsonObject.builder()
                    .put("name", step.name())
                    .put("seconds", rounded(step.seconds()))
                    .build());
        }
        List<JsonValue> detectionItems = new ArrayList<>();
        for (Found found : detections) {
            detectionItems.add(found(found));
        }
        return Json.write(JsonObject.builder()
                .put("simulated", true)
                .put("steps", new JsonArray(stepItems))
                .put("detections", new JsonArray(detectionItems))
                .put(
                        "failover",
                        JsonObject.builder()
                                .put("requestsAfter", failover.requestsAfter())
                                .put("errors", failover.errors())
                                .build())
                .put("secondsToFirstDetection", rounded(secondsToFirstDetection))
                .build());
    }

    private static JsonObject found(Found found) {
        Detection.Box box = found.detection().box();
        List<JsonValue> corners = new ArrayList<>();
        for (double corner : new double[] {box.yMin(), box.xMin(), box.yMax(), box.xMax()}) {
            corners.add(JsonNumber.of(rounded(corner)));
        }
        return JsonObject.builder()
                .put("protocol", found.protocol())
                .put("label", found.detection().label())
                .put("score", rounded(found.detection().score()))
                .put("box", new JsonArray(corners))
                .build();
    }

    /// To a thousandth: more digits say nothing.
    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
