package s3ml.sim.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.InferenceRequest;
import s3ml.client.ModelExpectation;
import s3ml.client.Tensor;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.PlatformControl;

/// SIGTERM of a real model server under load: what was sent is answered. Callers do not repeat calls, and a caller
/// stops when nobody listens any more; any other failure is a call that was lost.
final class EndingIT {
    private static final int CALLERS = 3;
    private static final int ANSWERS_BEFORE = 60;
    private static final float[] PICTURE = new float[300 * 300 * 3];

    private final ConcurrentLinkedQueue<Throwable> lost = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();

    @Test
    void a_server_that_is_asked_to_end_under_load_loses_no_call(@TempDir Path folder) throws Exception {
        try (Deployment deployment = Deployment.start(Distribution.at(Rig.HOME), folder);
                Deployment.AecsSession aecs = deployment.startAecs()) {
            PlatformControl.Enclave server = Rig.detector(deployment, aecs);
            ServiceTrust trust = aecs.trust("detector");
            List<Thread> callers = new ArrayList<>();
            try (InferenceClient grpc =
                            InferenceClient.grpc(trust, expectation(), endpoint(server, "grpcPort"), once());
                    InferenceClient rest =
                            InferenceClient.rest(trust, expectation(), endpoint(server, "restPort"), once())) {
                for (int i = 0; i < CALLERS; i++) {
                    callers.add(Thread.ofPlatform().start(() -> call(grpc)));
                    callers.add(Thread.ofPlatform().start(() -> call(rest)));
                }
                while (answered.get() < ANSWERS_BEFORE && lost.isEmpty()) {
                    Thread.sleep(10);
                }

                int status = deployment.control().stop("server");

                for (Thread caller : callers) {
                    caller.join();
                }
                assertThat(lost).isEmpty();
                assertThat(status).isZero();
                assertThat(Rig.awaitLog(deployment, "server", "\"ended\"")).contains("draining");
            }
        }
    }

    private static ModelExpectation expectation() {
        return ModelExpectation.of("detector").acceptSimulated();
    }

    private static List<Endpoint> endpoint(PlatformControl.Enclave server, String port) {
        return List.of(new Endpoint("127.0.0.1", Math.toIntExact(server.ready().number(port))));
    }

    private static InferenceOptions once() {
        return InferenceOptions.defaults().withAttempts(1);
    }

    private void call(InferenceClient client) {
        try {
            String input = client.metadata().inputs().getFirst().name();
            InferenceRequest request =
                    InferenceRequest.of("detector", Tensor.ofFloats(input, List.of(1L, 300L, 300L, 3L), PICTURE));
            while (true) {
                client.infer(request);
                answered.incrementAndGet();
            }
        } catch (RuntimeException failure) {
            if (!nobodyListens(failure)) {
                lost.add(failure);
            }
        }
    }

    private static boolean nobodyListens(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return true;
            }
        }
        return false;
    }
}
