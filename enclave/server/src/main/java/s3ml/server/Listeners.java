package s3ml.server;

import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.bootstrap.ServerBootstrap;
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
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import s3ml.attest.S3mlException;
import s3ml.protocol.FieldLimit;
import s3ml.protocol.Release;
import s3ml.server.admission.StreamWindows;
import s3ml.server.admission.WaitingLine;
import s3ml.server.engine.Outlook;
import s3ml.server.grpc.Admission;
import s3ml.server.grpc.ArrivalLimit;
import s3ml.server.grpc.Authentication;
import s3ml.server.grpc.CallStreams;
import s3ml.server.grpc.Compression;
import s3ml.server.grpc.InferMethods;
import s3ml.server.grpc.InferenceService;
import s3ml.server.metrics.MetricsChannel;
import s3ml.server.metrics.MetricsText;
import s3ml.server.repository.Serving;
import s3ml.server.rest.Doors;
import s3ml.server.rest.RestApi;
import s3ml.server.rest.RestChannel;
import s3ml.server.steering.Steering;
import s3ml.server.tls.ServingTls;

/// The three ports and the threads that move their bytes.
///
/// Faults: `SRV-322` a port cannot be bound.
final class Listeners implements AutoCloseable {
    private static final int MAX_CALLS = 256;
    private static final int MAX_METADATA = 16 * 1024;
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /// Before its message comes a call waits no longer than this; its client may rather ask another server.
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(1);

    /// Held, or the setting would be collected with the loggers. They write a stack trace for each call that a peer
    /// drops and each connection that a peer breaks: lines that anybody could multiply.
    private static final List<Logger> PEERS_FAULTS = List.of(
            Logger.getLogger("io.grpc.netty.NettyServerHandler"),
            Logger.getLogger("io.grpc.netty.NettyServerTransport"),
            Logger.getLogger("io.grpc.netty.NettyServerTransport.connections"));

    static {
        PEERS_FAULTS.forEach(logger -> logger.setLevel(Level.OFF));
    }

    private final ServerConfig config;
    private final Serving serving;
    private final EventLoopGroup loops;
    private final PooledByteBufAllocator allocator = allocator();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final HealthStatusManager health = new HealthStatusManager();
    private final WaitingLine line;
    private final Channel rest;
    private final Channel metrics;
    private final Server grpc;

    Listeners(ServerConfig config, Serving serving, ServingTls tls, Doors doors, Steering.Events events) {
        this.config = config;
        this.serving = serving;
        this.loops = new MultiThreadIoEventLoopGroup(config.listen().ioThreads(), EpollIoHandler.newFactory());
        Steering steering = Steering.of(channels, loops, config.limits().request(), events);
        this.line = line();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        try {
            this.rest = bind(
                    rest(tls, new RestApi(serving, doors, Release.VERSION)),
                    config.listen().bind(),
                    config.listen().restPort(),
                    config.listen().reusePort());
            this.grpc = grpc(tls, doors);
            this.metrics = bind(
                    new MetricsChannel(new MetricsText(serving, steering), serving::isReady, steering),
                    config.listen().metricsBind(),
                    config.listen().metricsPort(),
                    false);
        } catch (S3mlException failure) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
            throw failure;
        }
    }

    private WaitingLine line() {
        // Who was held must still have time to send.
        Duration half = config.limits().request().dividedBy(2);
        WaitingLine admission = new WaitingLine(
                this::outlook,
                new WaitingLine.Ticks() {
                    @Override
                    public long nanos() {
                        return System.nanoTime();
                    }

                    @Override
                    @SuppressWarnings("FutureReturnValueIgnored") // the loops may have ended
                    public void later(Runnable look) {
                        loops.schedule(look, WaitingLine.TICK.toMillis(), TimeUnit.MILLISECONDS);
                    }
                },
                half.compareTo(LONGEST_HOLD) < 0 ? half : LONGEST_HOLD);
        serving.engine().whenRoom(admission::room);
        return admission;
    }

    /// What the engine says, but no room where buffers are about to run out, which would end connections.
    private Outlook outlook() {
        Outlook outlook = serving.engine().outlook();
        return heldBytes() < PlatformDependent.maxDirectMemory() / 4 * 3 ? outlook : outlook.withoutRoom();
    }

    /// One arena with small chunks: a second one would double what is resident, and one loop thread needs one.
    private static PooledByteBufAllocator allocator() {
        int pageSize = 8192;
        int chunkOrder = 6;
        return new PooledByteBufAllocator(true, 1, 1, pageSize, chunkOrder, 0, 0, false);
    }

    private ChannelInitializer<Channel> rest(ServingTls tls, RestApi api) {
        RestChannel.Limits limits = new RestChannel.Limits(
                config.limits().requestBytes(),
                handshake(),
                config.limits().request(),
                config.limits().idle(),
                config.limits().age());
        return new RestChannel(tls.http(), api, serving::isDraining, limits, line);
    }

    /// Time for TLS: not more than for a request.
    private Duration handshake() {
        Duration request = config.limits().request();
        return request.compareTo(HANDSHAKE) < 0 ? request : HANDSHAKE;
    }

    /// Of any port: what it accepts is among the server's connections.
    private EpollServerSocketChannel socket() {
        return ConnectionLimit.socket(config.limits().connections(), channels::add);
    }

    private Channel bind(ChannelInitializer<Channel> initializer, String host, int port, boolean reusePort) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops, loops)
                .channelFactory(this::socket)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(UnixChannelOption.SO_REUSEPORT, reusePort)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childHandler(initializer);
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

    private Server grpc(ServingTls tls, Doors doors) {
        CallStreams streams = new CallStreams(line);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(
                        config.listen().bind(), config.listen().grpcPort()))
                .protocolNegotiator(streams.over(tls.grpc()))
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelFactory(this::socket)
                .withOption(UnixChannelOption.SO_REUSEPORT, config.listen().reusePort())
                .withChildOption(ChannelOption.ALLOCATOR, allocator)
                .directExecutor()
                .flowControlWindow(StreamWindows.WIDE)
                .maxInboundMessageSize(config.limits().requestBytes())
                .maxInboundMetadataSize(MAX_METADATA)
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                .maxRstFramesPerWindow(RestChannel.MAX_RESETS, RestChannel.RESETS_SECONDS)
                .handshakeTimeout(handshake().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(config.limits().idle().toMillis(), TimeUnit.MILLISECONDS)
                // gRPC varies it by a tenth.
                .maxConnectionAge(config.limits().age().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAgeGrace(config.limits().request().toMillis(), TimeUnit.MILLISECONDS)
                .decompressorRegistry(Compression.decompressors())
                .compressorRegistry(Compression.compressors())
                .intercept(new Compression())
                .intercept(new Authentication(doors.gate()))
                .intercept(new Admission(streams))
                .intercept(new ArrivalLimit(loops, config.limits().request()))
                .addService(InferMethods.of(new InferenceService(serving, Release.VERSION), doors.heap()))
                .addService(FieldLimit.on(health.getHealthService().bindService(), FieldLimit.NAMES_BYTES))
                .addService(
                        FieldLimit.on(ProtoReflectionServiceV1.newInstance().bindService(), FieldLimit.NAMES_BYTES));
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

    /// Bytes of requests and answers that lie in network buffers now.
    long heldBytes() {
        return allocator.pinnedDirectMemory();
    }

    private boolean restConnections() {
        return channels.stream().anyMatch(RestChannel::isServing);
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

    /// Stops listening, answers what comes over connections that clients have until they were told to go, then cuts
    /// what is left when the drain time is over.
    @Override
    public void close() {
        long end = System.nanoTime() + config.limits().drain().toNanos();
        health.enterTerminalState();
        rest.close().awaitUninterruptibly();
        grpc.shutdown();
        // Replies tell clients to go only now that a new connection could not come here again.
        serving.drain();
        channels.forEach(RestChannel::drain);
        try {
            if (!grpc.awaitTermination(config.limits().drain().toMillis(), TimeUnit.MILLISECONDS)) {
                grpc.shutdownNow();
            }
            // The metrics port stays: whoever ends this process watches it.
            while ((restConnections() || serving.engine().pending() > 0) && System.nanoTime() - end < 0) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            grpc.shutdownNow();
        }
        // Who still waits has no thread any more that could be told.
        serving.engine().whenRoom(() -> {});
        channels.flush();
        loops.shutdownGracefully(20, 2000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }
}
