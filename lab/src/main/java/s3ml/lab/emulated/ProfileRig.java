package s3ml.lab.emulated;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import s3ml.lab.paging.ProbeRun;
import s3ml.lab.serve.BareServer;
import s3ml.lab.serve.RunKeys;
import s3ml.policy.Picker;
import s3ml.server.tensor.DataType;
import s3ml.sim.epc.ModelWalk;
import s3ml.sim.epc.PagedModels;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelMetadataRequest;
import s3ml.wire.inference.ModelMetadataResponse;

/// One emulated host with real servers of one model, for the offline analysis. Closing it ends them.
final class ProfileRig implements AutoCloseable {
    private static final String MODEL = "model";
    private static final Duration WARM_UP = Duration.ofSeconds(1);
    private static final int SAMPLE_MILLIS = 100;
    private static final int PROBES = 30;

    private final EmulatedHost host;
    private final List<ManagedChannel> channels;
    private final ModelInferRequest request;
    private final Duration objective;
    private final ModelWalk walk;
    private double serviceMillis;

    private ProfileRig(
            EmulatedHost host,
            List<ManagedChannel> channels,
            ModelInferRequest request,
            Duration objective,
            ModelWalk walk) {
        this.host = host;
        this.channels = channels;
        this.request = request;
        this.objective = objective;
        this.walk = walk;
    }

    /// Starts as many servers as fit into the EPC, at most two, and measures the model alone.
    static ProfileRig start(Path model, Path folder, int epcPages, int runtimePages, Duration objective)
            throws IOException, InterruptedException {
        ModelWalk walk = ModelWalk.of(model, runtimePages);
        Path keys = Files.createDirectories(folder.resolve("keys"));
        X509Certificate authority = RunKeys.write(keys, Map.of(MODEL, Files.readAllBytes(model)));
        EmulatedHost host = EmulatedHost.start("host", folder, epcPages);
        boolean whole = false;
        try {
            Path paged = folder.resolve("paged.json");
            PagedModels.describe(paged, host.pool(), Map.of(MODEL, walk));
            List<ManagedChannel> channels = new ArrayList<>();
            int replicas = Math.clamp(epcPages / walk.pages(), 1, 2);
            for (int r = 0; r < replicas; r++) {
                Child server = Child.java(
                        folder.resolve("server-" + r + ".log"),
                        BareServer.class.getName(),
                        keys.toString(),
                        "1",
                        paged.toString());
                host.add(server);
                channels.add(NettyChannelBuilder.forAddress("127.0.0.1", server.port("grpcPort"))
                        .sslContext(GrpcSslContexts.forClient()
                                .trustManager(authority)
                                .build())
                        .maxInboundMessageSize(64 << 20)
                        .build());
            }
            ProfileRig rig = new ProfileRig(host, channels, request(channels.getFirst()), objective, walk);
            rig.serviceMillis = Math.max(0.1, rig.alone());
            whole = true;
            return rig;
        } finally {
            if (!whole) {
                host.close();
            }
        }
    }

    /// Zeros for each input that the model declares; free dimensions as 1.
    private static ModelInferRequest request(Channel channel) {
        ModelMetadataResponse metadata = GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .modelMetadata(ModelMetadataRequest.newBuilder().setName(MODEL).build());
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(MODEL);
        for (ModelMetadataResponse.TensorMetadata input : metadata.getInputsList()) {
            ModelInferRequest.InferInputTensor.Builder tensor =
                    request.addInputsBuilder().setName(input.getName()).setDatatype(input.getDatatype());
            long elements = 1;
            for (long dim : input.getShapeList()) {
                tensor.addShape(Math.max(1, dim));
                elements *= Math.max(1, dim);
            }
            int size = DataType.valueOf(input.getDatatype()).elementSize();
            request.addRawInputContents(UnsafeByteOperations.unsafeWrap(new byte[Math.toIntExact(elements * size)]));
        }
        return request.build();
    }

    /// Median time of an inference, one at a time.
    private double alone() {
        return Alone.medianMillis(
                GRPCInferenceServiceGrpc.newBlockingStub(channels.getFirst()).withMaxInboundMessageSize(64 << 20),
                request,
                PROBES);
    }

    double serviceMillis() {
        return serviceMillis;
    }

    int pages() {
        return walk.pages();
    }

    int replicas() {
        return channels.size();
    }

    /// One run of the design.
    ProbeRun run(ProfileDesign design, Duration time, long seed) throws IOException, InterruptedException {
        if (design.antagonistPages() > 0) {
            host.antagonist(design.antagonistPages(), design.sweepMillis());
        }
        double rate = design.load() * design.replicas() * 1000 / serviceMillis;
        OpenLoop clients = new OpenLoop(List.copyOf(channels.subList(0, design.replicas())), request, objective);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            clients.run(rate, WARM_UP, new Picker.LeastOutstanding(), new SplittableRandom(seed));
            HostSignals before = HostSignals.read(host);
            Future<OpenLoop.Result> load = threads.submit(
                    () -> clients.run(rate, time, new Picker.LeastOutstanding(), new SplittableRandom(seed + 1)));
            long queued = 0;
            int samples = 0;
            while (!load.isDone()) {
                Thread.sleep(SAMPLE_MILLIS);
                queued += clients.outstanding();
                samples++;
            }
            HostSignals after = HostSignals.read(host);
            OpenLoop.Result result = load.get();
            double p99 = result.quantile(0.99);
            return new ProbeRun(
                    after.contentionSince(before),
                    after.busySince(before),
                    result.offered() / (time.toMillis() / 1e3),
                    samples == 0 ? 0 : (double) queued / samples,
                    p99,
                    p99 > objective.toMillis());
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the load failed", failed);
        } finally {
            host.quiet();
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        host.close();
    }
}
