package s3ml.client.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.client.Datatype;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceRequest;
import s3ml.client.ModelMetadata;
import s3ml.client.Tensor;

/// `s3ml probe`: inferences at a steady rate, to see what a fault costs its clients.
///
/// Codes: `CLI-148` inputs of a size that only the model's user knows.
@Command(
        name = "probe",
        description = {
            "Send inferences of zeros at a steady rate, with the repetitions and fail-over of every client of ours, and",
            "report failed calls, the longest time without an answer, and latency.",
            "Without --seconds until standard input ends. Exit status 1 if a call failed."
        })
final class ProbeCommand extends ReportingCommand {
    /// Calls under way at once; more would measure the client.
    private static final int MOST_UNDER_WAY = 256;

    private static final int MOST_BYTES = 64 << 20;

    @Mixin
    private InferTarget target = new InferTarget();

    @Option(
            names = "--rate",
            defaultValue = "20",
            paramLabel = "N",
            description = "calls a second, 1 to 1000 (default: ${DEFAULT-VALUE})")
    private int rate;

    @Option(names = "--seconds", defaultValue = "0", paramLabel = "N", description = "how long; 0: until stdin ends")
    private int seconds;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private volatile boolean ended;

    private ProbeCommand() {}

    @Override
    Report run() {
        if (rate < 1 || rate > 1000 || seconds < 0) {
            throw new S3mlException(
                    "CLI-149", "cannot probe", "--rate " + rate + " --seconds " + seconds, "give a rate of 1 to 1000");
        }
        try (InferenceClient client = target.open(target.trust())) {
            InferenceRequest request = zeros(client.metadata());
            // Also with --json: whoever makes a fault waits for this line.
            spec.commandLine().getErr().println("probing " + target.model() + " with " + rate + " calls a second");
            return report(probe(client, request));
        }
    }

    private ProbeTally.Result probe(InferenceClient client, InferenceRequest request) {
        if (seconds == 0) {
            Thread.ofVirtual().start(this::awaitEndOfInput);
        }
        ProbeTally tally = new ProbeTally();
        Phaser underWay = new Phaser(1);
        Semaphore room = new Semaphore(MOST_UNDER_WAY);
        long start = System.nanoTime();
        long end = start + Duration.ofSeconds(seconds).toNanos();
        for (long call = 0; !ended; call++) {
            long due = start + call * 1_000_000_000L / rate;
            if (seconds > 0 && due >= end) {
                break;
            }
            sleepUntil(due);
            room.acquireUninterruptibly();
            underWay.register();
            // From when it was due: a client that is held up must not hide what a caller would have waited.
            CompletableFuture<?> unused = client.inferAsync(request).whenComplete((answer, failure) -> {
                if (failure == null) {
                    tally.answered(due, System.nanoTime());
                } else {
                    tally.failed(String.valueOf(failure.getMessage()));
                }
                room.release();
                underWay.arriveAndDeregister();
            });
        }
        long stopped = System.nanoTime();
        underWay.arriveAndAwaitAdvance();
        return tally.result(stopped);
    }

    private void awaitEndOfInput() {
        try {
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
            // A broken input has ended as well.
        }
        ended = true;
    }

    private static void sleepUntil(long due) {
        long left = due - System.nanoTime();
        if (left > 0) {
            try {
                Thread.sleep(Duration.ofNanos(left));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    /// One input of zeros each, a single element where a dimension is free.
    private static InferenceRequest zeros(ModelMetadata metadata) {
        List<Tensor> inputs = new ArrayList<>();
        for (ModelMetadata.TensorInfo input : metadata.inputs()) {
            List<Long> shape =
                    input.shape().stream().map(side -> side < 0 ? 1L : side).toList();
            long bytes = input.datatype().elementBytes();
            for (long side : shape) {
                bytes = Math.multiplyExact(bytes, side);
            }
            if (input.datatype() == Datatype.BYTES || bytes > MOST_BYTES) {
                throw new S3mlException(
                        "CLI-148",
                        "cannot probe model \"" + metadata.name() + "\"",
                        "its input \"" + input.name() + "\" is " + input.datatype() + input.shape(),
                        "probe a model whose inputs are numbers, up to 64 MiB");
            }
            inputs.add(Tensor.of(
                    input.name(), input.datatype(), shape, ByteBuffer.allocateDirect(Math.toIntExact(bytes))));
        }
        return InferenceRequest.of(metadata.name(), inputs.toArray(Tensor[]::new));
    }

    private static Report report(ProbeTally.Result result) {
        JsonObject.Builder document = JsonObject.builder()
                .put("calls", result.calls())
                .put("failed", result.failed())
                .put("longestGapMs", result.longestGap().toMillis())
                .put("p50Ms", result.p50().toMillis())
                .put("p99Ms", result.p99().toMillis());
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%d calls, %d failed, longest gap %d ms, p50 %d ms, p99 %d ms",
                result.calls(),
                result.failed(),
                result.longestGap().toMillis(),
                result.p50().toMillis(),
                result.p99().toMillis()));
        result.firstFailure().ifPresent(failure -> {
            document.put("firstFailure", failure);
            lines.add("first failure: " + failure);
        });
        return new Report(document.build(), lines, result.failed() == 0 ? ExitStatus.DONE : ExitStatus.FAILED);
    }
}
