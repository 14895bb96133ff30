package s3ml.lab.emulated;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.ModelExpectation;
import s3ml.client.image.ObjectDetector;
import s3ml.client.image.SceneDrawing;
import s3ml.client.image.TfLiteLabels;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ServiceTrust;

/// What tests of whole fleets share: processes that end with the test, callers whose TLS ends in the enclaves behind a
/// balancer, and patience.
abstract class RealFleet {
    static final String MODEL = "detector";
    /// Tests run in the folder of `lab`.
    static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration LASTING_PAUSE = Duration.ofMillis(500);

    @TempDir
    Path folder = Path.of("");

    final AtomicInteger answered = new AtomicInteger();
    final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<AutoCloseable> started = new ArrayList<>();
    private final AtomicBoolean ending = new AtomicBoolean();

    @AfterEach
    void end_everything() throws Exception {
        ending.set(true);
        for (AutoCloseable each : started.reversed()) {
            each.close();
        }
    }

    final <T extends AutoCloseable> T ends(T started) {
        this.started.add(started);
        return started;
    }

    /// Calls until [#endLoad], each time over a new connection, since a balancer below TLS steers connections.
    final Thread load(ServiceTrust trust, Path model, int listener, InferenceOptions options) {
        List<Endpoint> balancer = List.of(new Endpoint("127.0.0.1", listener));
        List<String> labels = TfLiteLabels.of(model);
        ModelExpectation expected = ModelExpectation.of(MODEL).acceptSimulated();
        return Thread.ofVirtual().start(() -> {
            while (!ending.get()) {
                try (InferenceClient client = InferenceClient.grpc(trust, expected, balancer, options)) {
                    ObjectDetector.of(client, labels).detect(SceneDrawing.draw(), 0.5);
                    answered.incrementAndGet();
                } catch (S3mlException failure) {
                    failures.add(String.valueOf(failure.getMessage()));
                }
            }
        });
    }

    /// Calls until [#endLoad] over connections that are kept, which are there when this returns. Gently, beside the
    /// other load: what is looked for is whether these connections move.
    final Thread lastingLoad(ServiceTrust trust, Path model, int listener, InferenceOptions options) {
        InferenceClient client = ends(InferenceClient.grpc(
                trust,
                ModelExpectation.of(MODEL).acceptSimulated(),
                List.of(new Endpoint("127.0.0.1", listener)),
                options));
        ObjectDetector detector = ObjectDetector.of(client, TfLiteLabels.of(model));
        for (int i = 0; i < options.connections(); i++) {
            detector.detect(SceneDrawing.draw(), 0.5);
        }
        return Thread.ofVirtual().start(() -> {
            while (!ending.get()) {
                try {
                    detector.detect(SceneDrawing.draw(), 0.5);
                    Thread.sleep(LASTING_PAUSE);
                } catch (S3mlException failure) {
                    failures.add(String.valueOf(failure.getMessage()));
                } catch (InterruptedException stop) {
                    return;
                }
            }
        });
    }

    final void endLoad(List<Thread> callers) throws InterruptedException {
        ending.set(true);
        for (Thread each : callers) {
            each.join();
        }
    }

    static void await(String what, Callable<Boolean> holds) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.call()) {
            assertThat(System.nanoTime())
                    .as("within " + PATIENCE.toSeconds() + " s: " + what)
                    .isLessThan(end);
            Thread.sleep(ControlProcess.LOOK);
        }
    }
}
