package s3ml.aecs.etcd;

import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import s3ml.wire.etcd.AuthGrpc;
import s3ml.wire.etcd.AuthenticateRequest;
import s3ml.wire.etcd.KVGrpc;

/// Connections to the members of a cluster, and the choice among them: the one that answered last is asked first.
///
/// Owns one event-loop thread. Calls block the calling thread, up to the configured total timeout. Thread-safe.
final class EtcdMembers implements AutoCloseable {
    /// The most an answer may hold: a whole transaction's reads of the longest values, no more.
    private static final int MAX_ANSWER_BYTES = 80 * 1024 * 1024;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /// Makes a member that has lost its leader say so at once, instead of waiting for one.
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final EtcdConfig config;
    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final AtomicInteger current = new AtomicInteger();
    private volatile @Nullable String token;

    EtcdMembers(EtcdConfig config) {
        this.config = config;
        for (String endpoint : config.endpoints()) {
            channels.add(channel(endpoint));
        }
    }

    /// One call on one member.
    @FunctionalInterface
    interface Call<T> {
        T on(KVGrpc.KVBlockingStub member);
    }

    /// Makes the call on one member after the other until one answers. The call must be harmless when made twice.
    ///
    /// @param doing for messages, for example "reading"
    /// @throws S3mlException `AECS-301`
    <T> T call(String doing, Call<T> call) {
        long end = System.nanoTime() + config.totalTimeout().toNanos();
        Duration pause = FIRST_PAUSE;
        Map<String, StatusRuntimeException> said = new LinkedHashMap<>();
        int tries = 0;
        while (true) {
            int member = Math.floorMod(current.get(), channels.size());
            long left = end - System.nanoTime();
            try {
                return call.on(stub(member, Math.min(left, config.callTimeout().toNanos())));
            } catch (StatusRuntimeException e) {
                tries++;
                said.put(config.endpoints().get(member), e);
                if (!isTransient(e.getStatus())) {
                    throw EtcdFaults.failed(doing, config.endpoints().get(member), e);
                }
                current.compareAndSet(member, (member + 1) % channels.size());
                if (end - System.nanoTime() < pause.toNanos()) {
                    throw EtcdFaults.unreachable(doing, tries, config.totalTimeout(), said, e);
                }
                if (tries % channels.size() == 0) {
                    sleep(pause);
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
                }
            }
        }
    }

    /// Makes a call whose failure does not matter, on one member.
    <T> void once(Call<T> call) {
        try {
            call.on(stub(
                    Math.floorMod(current.get(), channels.size()),
                    config.callTimeout().toNanos()));
        } catch (StatusRuntimeException e) {
            // Said above: nothing depends on it.
        }
    }

    private boolean isTransient(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED -> true;
            case UNAUTHENTICATED -> {
                boolean expired = token != null;
                token = null;
                yield expired;
            }
            default -> false;
        };
    }

    private KVGrpc.KVBlockingStub stub(int member, long nanos) {
        ManagedChannel channel = channels.get(member);
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            // The member may be back: its turn has come, so its back-off does not matter.
            channel.resetConnectBackoff();
        }
        Metadata metadata = new Metadata();
        metadata.put(HAS_LEADER, "true");
        String currentToken = login(channel, nanos);
        if (currentToken != null) {
            metadata.put(TOKEN, currentToken);
        }
        return KVGrpc.newBlockingStub(
                        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata)))
                .withDeadlineAfter(nanos, TimeUnit.NANOSECONDS);
    }

    private @Nullable String login(ManagedChannel channel, long nanos) {
        EtcdConfig.Login login =
                config.access().flatMap(EtcdConfig.Access::login).orElse(null);
        if (login == null) {
            return null;
        }
        String known = token;
        if (known != null) {
            return known;
        }
        String password = login.password().expose(bytes -> new String(bytes, StandardCharsets.UTF_8));
        String fresh = AuthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(nanos, TimeUnit.NANOSECONDS)
                .authenticate(AuthenticateRequest.newBuilder()
                        .setName(login.user())
                        .setPassword(password)
                        .build())
                .getToken();
        token = fresh;
        return fresh;
    }

    private ManagedChannel channel(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(
                        endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)))
                .eventLoopGroup(eventLoop)
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .maxInboundMessageSize(MAX_ANSWER_BYTES);
        EtcdConfig.Tls tls = config.access().flatMap(EtcdConfig.Access::tls).orElse(null);
        if (tls == null) {
            return builder.usePlaintext().build();
        }
        try {
            SslContextBuilder context =
                    GrpcSslContexts.forClient().trustManager(tls.ca().toFile());
            if (tls.certificate().isPresent() && tls.key().isPresent()) {
                context.keyManager(
                        tls.certificate().get().toFile(), tls.key().get().toFile());
            }
            return builder.sslContext(context.build()).build();
        } catch (SSLException | IllegalArgumentException e) {
            throw EtcdConfig.invalid("the TLS files cannot be read: " + e.getMessage());
        }
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw EtcdFaults.interrupted(e);
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
