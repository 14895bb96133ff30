package s3ml.server;

import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import s3ml.attest.S3mlException;
import s3ml.server.access.Gate;
import s3ml.server.grpc.Authentication;
import s3ml.server.grpc.Compression;
import s3ml.server.grpc.InferenceService;
import s3ml.server.metrics.MetricsChannel;
import s3ml.server.metrics.MetricsText;
import s3ml.server.repository.Serving;
import s3ml.server.rest.Doors;
import s3ml.server.rest.RestApi;
import s3ml.server.rest.RestChannel;
import s3ml.server.tls.ServingTls;

/// The three ports and the threads that move their bytes.
///
/// Faults: `SRV-322` a port cannot be bound.
final class Listeners implements AutoCloseable {
    private static final int MAX_CALLS = 256;
    private static final int MAX_METADATA = 16 * 1024;
    private static final int WINDOW = 2 << 20;
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /// Held, or the setting would be collected with the logger. It writes a stack trace for each call that a peer
    /// drops:
    /// lines that anybody could multiply.
    private static final Logger DROPPED_CALLS = Logger.getLogger("io.grpc.netty.NettyServerHandler");

    static {
        DROPPED_CALLS.setLevel(Level.OFF);
    }

    private final ServerConfig config;
    private final Serving serving;
    private final EventLoopGroup loops;
    private final ByteBufAllocator allocator = allocator();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final HealthStatusManager health = new HealthStatusManager();
    private final Channel rest;
    private final Channel metrics;
    private final Server grpc;

    Listeners(ServerConfig config, Serving serving, ServingTls tls, Doors doors) {
        this.config = config;
        this.serving = serving;
        this.loops = new MultiThreadIoEventLoopGroup(config.listen().ioThreads(), EpollIoHandler.newFactory());
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        try {
            this.rest = bind(
                    rest(tls, new RestApi(serving, doors, ModelServer.VERSION)),
                    config.listen().bind(),
                    config.listen().restPort(),
                    config.listen().reusePort());
            this.grpc = grpc(tls, doors.gate());
            this.metrics = bind(
                    new MetricsChannel(new MetricsText(serving), serving::isReady),
                    config.listen().metricsBind(),
                    config.listen().metricsPort(),
                    false);
        } catch (S3mlException failure) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
            throw failure;
        }
    }

    /// One arena with small chunks: a second one would double what is resident, and one loop thread needs one.
    private static ByteBufAllocator allocator() {
        int pageSize = 8192;
        int chunkOrder = 6;
        return new PooledByteBufAllocator(true, 1, 1, pageSize, chunkOrder, 0, 0, false);
    }

    private ChannelInitializer<Channel> rest(ServingTls tls, RestApi api) {
        RestChannel.Limits limits = new RestChannel.Limits(
                config.limits().requestBytes(),
                HANDSHAKE,
                config.limits().request(),
                config.limits().idle());
        return new RestChannel(tls.http(), api, serving::isDraining, limits);
    }

    private Channel bind(ChannelInitializer<Channel> initializer, String host, int port, boolean reusePort) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops, loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(UnixChannelOption.SO_REUSEPORT, reusePort)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channels.add(channel);
                        channel.pipeline().addLast(initializer);
                    }
                });
        try {
            return bootstrap.bind(new InetSocketAddress(host, port)).sync().channel();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cannotBind(port, e);
        } catch (RuntimeException e) {
            throw cannotBind(port, e);
        } catch (Exception e) {
            // Netty throws the checked exception of the system call without declaring it.
            throw cannotBind(port, e);
        }
    }

    private Server grpc(ServingTls tls, Gate gate) {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(
                        config.listen().bind(), config.listen().grpcPort()))
                .sslContext(tls.grpc())
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelType(EpollServerSocketChannel.class)
                .withOption(UnixChannelOption.SO_REUSEPORT, config.listen().reusePort())
                .withChildOption(ChannelOption.ALLOCATOR, allocator)
                .directExecutor()
                .flowControlWindow(WINDOW)
                .maxInboundMessageSize(config.limits().requestBytes())
                .maxInboundMetadataSize(MAX_METADATA)
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                .handshakeTimeout(HANDSHAKE.toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(config.limits().idle().toMillis(), TimeUnit.MILLISECONDS)
                .decompressorRegistry(Compression.decompressors())
                .compressorRegistry(Compression.compressors())
                .intercept(new Compression())
                .intercept(new Authentication(gate))
                .addService(new InferenceService(serving, ModelServer.VERSION))
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance());
        try {
            return builder.build().start();
        } catch (IOException e) {
            throw cannotBind(config.listen().grpcPort(), e);
        }
    }

    private static S3mlException cannotBind(int port, Exception cause) {
        return new S3mlException(
                "SRV-322",
                "cannot listen on port " + port,
                String.valueOf(cause.getMessage()),
                "choose a free port, or 0 for any",
                cause);
    }

    int restPort() {
        return ((InetSocketAddress) rest.localAddress()).getPort();
    }

    int grpcPort() {
        return grpc.getPort();
    }

    int metricsPort() {
        return ((InetSocketAddress) metrics.localAddress()).getPort();
    }

    /// Tells gRPC's health service whether requests are taken.
    void announce(boolean ready) {
        health.setStatus(
                HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
                ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
        health.setStatus("inference.GRPCInferenceService", ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /// Stops listening, lets calls under way finish within the drain time, then cuts what is left.
    @Override
    public void close() {
        long end = System.nanoTime() + config.limits().drain().toNanos();
        health.enterTerminalState();
        rest.close().awaitUninterruptibly();
        grpc.shutdown();
        try {
            if (!grpc.awaitTermination(config.limits().drain().toMillis(), TimeUnit.MILLISECONDS)) {
                grpc.shutdownNow();
            }
            // REST connections close themselves after the reply they are at.
            while (serving.engine().pending() > 0 && System.nanoTime() - end < 0) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            grpc.shutdownNow();
        }
        channels.flush();
        loops.shutdownGracefully(20, 2000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }
}
