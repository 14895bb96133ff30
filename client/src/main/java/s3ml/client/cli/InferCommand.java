package s3ml.client.cli;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceRequest;
import s3ml.client.InferenceResponse;
import s3ml.client.image.Detection;
import s3ml.client.image.ObjectDetector;
import s3ml.client.image.Pictures;
import s3ml.protocol.ServiceTrust;
import s3ml.protocol.trace.CallTrace;
import s3ml.protocol.trace.TraceParent;

/// `s3ml infer`: a picture in, detections and an annotated picture out.
///
/// Codes: `CLI-114` the trace to go on with has another form.
@Command(
        name = "infer",
        description = {
            "Send a picture to a detector of an attested service.",
            "Before that the AECS is attested, or the proof kept by `s3ml trust` is verified again."
        })
final class InferCommand extends ReportingCommand {
    @Mixin
    private InferTarget target = new InferTarget();

    @Option(names = "--image", required = true, paramLabel = "FILE", description = "PNG or JPEG picture")
    private Path image = Path.of("");

    @Option(names = "--out", paramLabel = "FILE", description = "where to write the annotated PNG")
    private @Nullable Path annotated;

    @Option(names = "--labels", paramLabel = "FILE|A,B,..", description = "class names by index")
    private @Nullable String labels;

    @Option(
            names = "--receipt",
            paramLabel = "FILE",
            description = "demand a receipt signed by the enclave, verify it, and write it here")
    private @Nullable Path receipt;

    @Option(
            names = "--traceparent",
            paramLabel = "HEADER",
            description = "W3C Trace Context of your own span; the AECS's and the server's spans become its children")
    private @Nullable String trace;

    @Option(
            names = "--min-score",
            defaultValue = "0.5",
            description = "leave out less sure detections (default: ${DEFAULT-VALUE})")
    private double minScore;

    private InferCommand() {}

    @Override
    Report run() {
        Optional<TraceParent> caller = caller();
        BufferedImage picture = Pictures.read(image);
        ServiceTrust trust =
                caller.map(span -> CallTrace.during(span, target::trust)).orElseGet(target::trust);
        long start = System.nanoTime();
        try (InferenceClient client = target.open(trust)) {
            ObjectDetector detector = ObjectDetector.of(client, labels == null ? List.of() : Labels.of(labels));
            InferenceRequest plain = detector.request(picture);
            InferenceRequest request = caller.map(plain::withTrace).orElse(plain);
            InferenceResponse response =
                    client.infer(receipt == null ? request : request.withReceipt(new SecureRandom()));
            List<Detection> detections = detector.detections(response, minScore);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (annotated != null) {
                Pictures.writePng(Pictures.annotated(picture, detections), annotated);
            }
            if (receipt != null) {
                OwnerFiles.write(receipt, response.receipt() + "\n");
            }
            return report(trust, detections, took, caller);
        }
    }

    private Optional<TraceParent> caller() {
        if (trace == null) {
            return Optional.empty();
        }
        Optional<TraceParent> caller = TraceParent.read(trace);
        if (caller.isEmpty()) {
            throw new S3mlException(
                    "CLI-114",
                    "sent nothing",
                    "\"" + trace + "\" is no traceparent",
                    "give VERSION-TRACE-SPAN-FLAGS in lowercase hex digits, as W3C Trace Context says");
        }
        return caller;
    }

    private Report report(ServiceTrust trust, List<Detection> detections, Duration took, Optional<TraceParent> caller) {
        JsonObject.Builder document = JsonObject.builder()
                .put("simulated", trust.simulated())
                .put("service", trust.service())
                .put("model", target.model())
                .put("protocol", target.protocol())
                .put("milliseconds", took.toMillis())
                .put(
                        "detections",
                        ServiceJson.array(
                                detections.stream().map(InferCommand::json).toList()));
        List<String> lines = new ArrayList<>();
        if (trust.simulated()) {
            lines.add("SIMULATED: this service protects nothing");
        }
        for (Detection detection : detections) {
            Detection.Box box = detection.box();
            lines.add(String.format(
                    Locale.ROOT,
                    "%-10s %.3f  y %.3f..%.3f  x %.3f..%.3f",
                    detection.label(),
                    detection.score(),
                    box.yMin(),
                    box.yMax(),
                    box.xMin(),
                    box.xMax()));
        }
        if (detections.isEmpty()) {
            lines.add("nothing detected");
        }
        if (annotated != null) {
            document.put("picture", annotated.toString());
            lines.add("wrote " + annotated);
        }
        caller.ifPresent(span -> {
            document.put("trace", span.traceId());
            lines.add("trace       " + span.traceId());
        });
        if (receipt != null) {
            document.put("receipt", receipt.toString());
            lines.add("receipt     verified, written to " + receipt);
        }
        return Report.done(document.build(), lines);
    }

    private static JsonObject json(Detection detection) {
        Detection.Box box = detection.box();
        List<JsonValue> corners = List.of(
                JsonNumber.of(box.yMin()),
                JsonNumber.of(box.xMin()),
                JsonNumber.of(box.yMax()),
                JsonNumber.of(box.xMax()));
        return JsonObject.builder()
                .put("label", detection.label())
                .put("score", detection.score())
                .put("box", new JsonArray(corners))
                .build();
    }
}
