package s3ml.client.log;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import s3ml.attest.S3mlException;
import s3ml.wire.aecs.CoSignRequest;
import s3ml.wire.aecs.CoSignResponse;
import s3ml.wire.aecs.IdentifyRequest;
import s3ml.wire.aecs.IdentifyResponse;
import s3ml.wire.aecs.NewestRequest;
import s3ml.wire.aecs.NewestResponse;
import s3ml.wire.aecs.WitnessGrpc;

/// Serves a [WitnessDesk] by gRPC in plain text: all that leaves it is signed, and nothing that enters it is believed.
public final class WitnessServer implements AutoCloseable {
    /// A head, a key and a proof of 64 hashes take some 3 KB.
    private static final int MAX_REQUEST_BYTES = 16 * 1024;

    private static final int MAX_CALLS_PER_CONNECTION = 16;

    private final Server server;
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();

    private WitnessServer(WitnessDesk desk, InetSocketAddress address) throws IOException {
        this.server = NettyServerBuilder.forAddress(address)
                .executor(calls)
                .maxInboundMessageSize(MAX_REQUEST_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .addService(new Service(desk))
                .build()
                .start();
    }

    /// Starts; port 0 lets the system choose.
    public static WitnessServer start(WitnessDesk desk, InetSocketAddress address) {
        try {
            return new WitnessServer(desk, address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where it listens.
    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        calls.close();
    }

    private static final class Service extends WitnessGrpc.WitnessImplBase {
        private final WitnessDesk desk;

        Service(WitnessDesk desk) {
            this.desk = desk;
        }

        @Override
        public void identify(IdentifyRequest request, StreamObserver<IdentifyResponse> answer) {
            answer(
                    answer,
                    () -> IdentifyResponse.newBuilder()
                            .setPublicKey(desk.publicKey())
                            .build());
        }

        @Override
        public void newest(NewestRequest request, StreamObserver<NewestResponse> answer) {
            answer(answer, () -> desk.newest(request));
        }

        @Override
        public void coSign(CoSignRequest request, StreamObserver<CoSignResponse> answer) {
            answer(answer, () -> desk.coSign(request));
        }

        private static <T> void answer(StreamObserver<T> answer, Supplier<T> work) {
            try {
                answer.onNext(work.get());
                answer.onCompleted();
            } catch (S3mlException e) {
                // Its text names this machine's files, which are no caller's business.
                answer.onError(Status.INTERNAL.withDescription(e.code()).asRuntimeException());
            }
        }
    }
}
