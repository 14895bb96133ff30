package s3ml.console;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import s3ml.policy.FleetException;
import s3ml.wire.fleet.ConsoleGrpc;
import s3ml.wire.fleet.ExplainRequest;
import s3ml.wire.fleet.Explanation;

/// A control plane asked over mutual TLS. Thread-safe. FleetException `CON-104` when it does not answer, `CON-110` for
/// TLS files that cannot be used.
final class RemoteFleet implements FleetSource, AutoCloseable {
    /// A thousand hosts take 0.4 MB.
    private static final int MAX_MESSAGE_BYTES = 64 << 20;

    private static final int PATIENCE_SECONDS = 3;

    private final String target;
    private final ManagedChannel channel;

    private RemoteFleet(String target, ManagedChannel channel) {
        this.target = target;
        this.channel = channel;
    }

    /// @param target `host:port` of the control plane
    /// @param ca PEM of its authority
    /// @param certificate PEM of the console's own chain, which the control plane knows
    /// @param key PEM of its private key, PKCS#8
    static RemoteFleet connect(String target, Path ca, Path certificate, Path key) {
        try {
            ChannelCredentials credentials = TlsChannelCredentials.newBuilder()
                    .keyManager(certificate.toFile(), key.toFile())
                    .trustManager(ca.toFile())
                    .build();
            return new RemoteFleet(
                    target,
                    Grpc.newChannelBuilder(target, credentials)
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .build());
        } catch (IOException | RuntimeException unusable) {
            throw new FleetException(
                    "CON-110",
                    "cannot use the console's TLS files",
                    String.valueOf(unusable.getMessage()),
                    "give PEM files that can be read: --ca, --certificate, --key (PKCS#8)",
                    unusable);
        }
    }

    @Override
    public Explanation explain() {
        try {
            return ConsoleGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .explain(ExplainRequest.getDefaultInstance());
        } catch (StatusRuntimeException failed) {
            // gRPC waits ever longer between two tries; an operator who just started it again does not.
            channel.resetConnectBackoff();
            throw new FleetException(
                    "CON-104",
                    "the control plane at " + target + " does not answer",
                    failed.getStatus().getCode().toString(),
                    "check that it runs, the address and the certificates",
                    failed);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
