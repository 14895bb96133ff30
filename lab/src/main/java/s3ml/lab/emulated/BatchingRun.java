package s3ml.lab.emulated;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.lab.serve.BareServer;
import s3ml.lab.serve.RunKeys;
import s3ml.policy.Picker;
import s3ml.sim.epc.ModelWalk;
import s3ml.sim.epc.PagedModels;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelStatisticsRequest;

/// One emulated host, and on it one real server of a model with large weights after the other, each of which puts
/// requests together in another way. Closing it ends all processes.
final class BatchingRun implements AutoCloseable {
    private static final BuiltModel MODEL = new BuiltModel("wide", 1024, 6);
    private static final int EPC_PAGES = 10_000;
    private static final int RUNTIME_PAGES = 900;
    private static final int ANTAGONIST_PAGES = 9_000;
    private static final int SWEEP_MILLIS = 100;
    private static final int PROBES = 15;
    private static final Duration SETTLE = Duration.ofSeconds(1);

    private final Path folder;
    private final EmulatedHost host;
    private final ModelWalk walk;
    private final X509Certificate authority;
    private int servers;

    private BatchingRun(Path folder, EmulatedHost host, ModelWalk walk, X509Certificate authority) {
        this.folder = folder;
        this.host = host;
        this.walk = walk;
        this.authority = authority;
    }

    /// How requests are put together.
    ///
    /// @param maxBatch most of one run
    /// @param delay how long a run waits for more
    record Way(String name, int maxBatch, Duration delay) {}

    /// What came of one load.
    ///
    /// @param goodput answers within the objective per second
    /// @param pages loaded back for each request
    /// @param batch requests of a run, on average
    record Outcome(double goodput, double p50Millis, double p99Millis, double pages, double batch) {}

    static BatchingRun start(Path folder) throws IOException {
        X509Certificate authority = RunKeys.write(folder, Map.of(MODEL.name(), MODEL.bytes()));
        ModelWalk walk = ModelWalk.of(folder.resolve(MODEL.name() + ".tflite"), RUNTIME_PAGES);
        return new BatchingRun(folder, EmulatedHost.start("host", folder, EPC_PAGES), walk, authority);
    }

    int pages() {
        return walk.pages();
    }

    /// Starts or ends the enclave of somebody else that pushes the model's pages out.
    void pressed(boolean pressed) throws IOException, InterruptedException {
        if (pressed) {
            host.antagonist(ANTAGONIST_PAGES, SWEEP_MILLIS);
            Thread.sleep(SETTLE.toMillis());
        } else {
            host.quiet();
        }
    }

    /// Median time of a request that comes alone, in milliseconds.
    double alone(Way way) throws IOException {
        try (Served server = serve(way)) {
            return Alone.medianMillis(
                    GRPCInferenceServiceGrpc.newBlockingStub(server.channel()), MODEL.request(), PROBES);
        }
    }

    /// One load for a while.
    ///
    /// @param rate requests a second
    /// @param objective of a request; clients wait three times as long
    Outcome run(Way way, double rate, Duration time, Duration objective, long seed)
            throws IOException, InterruptedException {
        try (Served server = serve(way)) {
            OpenLoop clients = new OpenLoop(List.of(server.channel()), MODEL.request(), objective);
            Picker picker = new Picker.LeastOutstanding();
            clients.run(rate, SETTLE, picker, new SplittableRandom(seed));
            long loaded = host.loadedBack();
            long ran = server.executions();
            OpenLoop.Result result = clients.run(rate, time, picker, new SplittableRandom(seed + 1));
            long answered = result.offered() - result.failed();
            return new Outcome(
                    result.good() * 1000.0 / time.toMillis(),
                    result.quantile(0.5),
                    result.quantile(0.99),
                    (host.loadedBack() - loaded) / (double) Math.max(1, answered),
                    answered / (double) Math.max(1, server.executions() - ran));
        }
    }

    private Served serve(Way way) throws IOException {
        String name = "server-" + ++servers;
        Path paged = folder.resolve(name + "-paged.json");
        PagedModels.describe(paged, host.pool(), Map.of(MODEL.name(), walk));
        JsonObject models = JsonObject.builder()
                .put(
                        MODEL.name(),
                        JsonObject.builder()
                                .put("maxBatch", way.maxBatch())
                                .put("maxDelayMicroseconds", way.delay().toNanos() / 1000)
                                .build())
                .build();
        Child child = Child.java(
                folder.resolve(name + ".log"),
                BareServer.class.getName(),
                folder.toString(),
                "1",
                paged.toString(),
                Json.write(models));
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", child.port("grpcPort"))
                .sslContext(GrpcSslContexts.forClient().trustManager(authority).build())
                .build();
        return new Served(child, channel);
    }

    private record Served(Child child, ManagedChannel channel) implements AutoCloseable {
        /// Runs of the model until now, as the server counts them.
        long executions() {
            return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .modelStatistics(ModelStatisticsRequest.newBuilder()
                            .setName(MODEL.name())
                            .build())
                    .getModelStats(0)
                    .getExecutionCount();
        }

        @Override
        public void close() {
            channel.shutdownNow();
            child.close();
        }
    }

    @Override
    public void close() {
        host.close();
    }
}
