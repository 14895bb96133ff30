package s3ml.lab.serve;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;
import s3ml.server.tensor.TensorSpec;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;

/// Clients that send the next request when the last was answered, each over a connection of its own.
final class GrpcLoad {
    private final X509Certificate authority;
    private final int port;
    private final ModelInferRequest request;

    /// @param input of the model, which gets zeros
    GrpcLoad(X509Certificate authority, int port, String model, TensorSpec input) {
        this.authority = authority;
        this.port = port;
        ModelInferRequest.Builder message = ModelInferRequest.newBuilder().setModelName(model);
        ModelInferRequest.InferInputTensor.Builder tensor = message.addInputsBuilder()
                .setName(input.name())
                .setDatatype(input.type().name());
        for (int dim : input.shape().dims()) {
            tensor.addShape(dim);
        }
        int bytes = Math.toIntExact(input.shape().elements() * input.type().elementSize());
        message.addRawInputContents(UnsafeByteOperations.unsafeWrap(new byte[bytes]));
        this.request = message.build();
    }

    /// What came of it.
    ///
    /// @param perSecond answered requests
    /// @param refused requests that were answered by a refusal
    record Result(double perSecond, Duration p50, Duration p99, long refused) {}

    /// Runs `clients` clients for a while, which begins when each has had an answer.
    Result run(int clients, Duration time) throws InterruptedException, SSLException {
        CyclicBarrier connected = new CyclicBarrier(clients);
        LongAdder refused = new LongAdder();
        List<Client> running = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Client client = new Client(channel(), connected, time, refused);
            running.add(client);
            client.thread.start();
        }
        for (Client client : running) {
            client.thread.join();
            client.channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
        long[] all = running.stream()
                .flatMapToLong(client -> Arrays.stream(client.latencies, 0, client.count))
                .sorted()
                .toArray();
        return new Result(all.length / (time.toNanos() / 1e9), at(all, 0.50), at(all, 0.99), refused.sum());
    }

    private static Duration at(long[] sorted, double quantile) {
        return sorted.length == 0
                ? Duration.ZERO
                : Duration.ofNanos(sorted[(int) Math.min(sorted.length - 1, quantile * sorted.length)]);
    }

    private ManagedChannel channel() throws SSLException {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .sslContext(GrpcSslContexts.forClient().trustManager(authority).build())
                .build();
    }

    private final class Client {
        private final ManagedChannel channel;
        private final CyclicBarrier connected;
        private final Duration time;
        private final LongAdder refused;
        private final Thread thread = Thread.ofPlatform().unstarted(this::send);
        private long[] latencies = new long[1024];
        private int count;

        Client(ManagedChannel channel, CyclicBarrier connected, Duration time, LongAdder refused) {
            this.channel = channel;
            this.connected = connected;
            this.time = time;
            this.refused = refused;
        }

        private void send() {
            GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub =
                    GRPCInferenceServiceGrpc.newBlockingStub(channel);
            try {
                stub.modelInfer(request);
                connected.await();
            } catch (StatusRuntimeException | BrokenBarrierException failure) {
                connected.reset();
                refused.increment();
                return;
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            }
            long end = System.nanoTime() + time.toNanos();
            for (long before = System.nanoTime(); before < end; before = System.nanoTime()) {
                try {
                    stub.modelInfer(request);
                    record(before, System.nanoTime());
                } catch (StatusRuntimeException failure) {
                    refused.increment();
                }
            }
        }

        private void record(long before, long after) {
            if (count == latencies.length) {
                latencies = Arrays.copyOf(latencies, 2 * count);
            }
            latencies[count++] = after - before;
        }
    }
}
