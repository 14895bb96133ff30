package s3ml.lab.emulated;

import java.util.Arrays;
import s3ml.wire.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import s3ml.wire.inference.ModelInferRequest;

/// What a request takes that nobody else's request delays.
final class Alone {
    private Alone() {}

    /// Median time of so many requests, one after the other, in milliseconds. As many before them are not counted: they
    /// take up to twice as long, until both ends are compiled.
    static double medianMillis(GRPCInferenceServiceBlockingStub server, ModelInferRequest request, int probes) {
        double[] millis = new double[probes];
        for (int i = -probes; i < probes; i++) {
            long began = System.nanoTime();
            server.modelInfer(request);
            millis[Math.max(0, i)] = (System.nanoTime() - began) / 1e6;
        }
        Arrays.sort(millis);
        return millis[probes / 2];
    }
}
