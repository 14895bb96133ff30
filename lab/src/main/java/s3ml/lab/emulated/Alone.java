package s3ml.lab.emulated;

import java.util.Arrays;
import s3ml.wire.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import s3ml.wire.inference.ModelInferRequest;

/// What a request takes that nobody else's request delays.
final class Alone {
    private Alone() {}

    /// Median time of so many requests, one after the other, in milliseconds.
    static double medianMillis(GRPCInferenceServiceBlockingStub server, ModelInferRequest request, int probes) {
        double[] millis = new double[probes];
        for (int i = 0; i < probes; i++) {
            long began = System.nanoTime();
            server.modelInfer(request);
            millis[i] = (System.nanoTime() - began) / 1e6;
        }
        Arrays.sort(millis);
        return millis[probes / 2];
    }
}
