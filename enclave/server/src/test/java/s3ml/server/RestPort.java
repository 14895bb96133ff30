package s3ml.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.tensorflow.lite.schema.TensorType;
import s3ml.protocol.access.AccessRules;
import s3ml.server.access.Gate;
import s3ml.server.engine.HeapBudget;
import s3ml.server.rest.Doors;
import s3ml.server.rest.ReleaseProof;
import s3ml.server.rest.RestApi;
import s3ml.server.rest.RestChannel;
import s3ml.server.rest.SealedDoor;
import s3ml.server.tflite.Models;
import s3ml.server.tls.ServingTls;

/// A REST port before a server's models, with a waiting line that the test moves. Anybody may use the model `double`.
final class RestPort implements AutoCloseable {
    /// A request of that model, and what is in its answer.
    static final String INFER =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}";

    static final String ANSWER = "[2.0,4.0,6.0,9.0]";

    private final TestServer server;
    private final PooledByteBufAllocator buffers = new PooledByteBufAllocator(true);

    /// One thread, so that what is begun first ends first.
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    private final Channel listening;

    RestPort(TestLine line) throws Exception {
        server = new TestServer(Map.of()).with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
        AccessRules rules = AccessRules.parse("{\"anonymous\":{\"infer\":[\"double\",\"absent\"]}}");
        SealedDoor sealed = new SealedDoor(new SecureRandom(), InstantSource.system());
        sealed.renew(List.of(server.hpkeKey()));
        Doors doors = new Doors(
                new Gate(rules, InstantSource.system()),
                sealed,
                new ReleaseProof("test", List.of()),
                new HeapBudget(64 << 20));
        Duration time = Duration.ofSeconds(30);
        listening = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, buffers)
                .childHandler(new RestChannel(
                        ServingTls.of(server.identity(), List.of(), List.of()).http(),
                        new RestApi(server.serving(), doors, "test"),
                        () -> false,
                        new RestChannel.Limits(32 << 20, time, time, time, Duration.ofHours(1)),
                        line.line()))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    TestServer server() {
        return server;
    }

    private int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    URI uri(String path) {
        return URI.create("https://127.0.0.1:" + port() + path);
    }

    /// @param protocol for ALPN, `h2` or `http/1.1`
    SSLSocket connect(String protocol) throws Exception {
        return server.connect(port(), protocol);
    }

    /// Bytes that lie in the port's buffers.
    long held() {
        return buffers.pinnedDirectMemory();
    }

    /// Waits until no more lies in the port's buffers.
    void awaitHeld(long most) throws InterruptedException {
        for (int i = 0; held() > most; i++) {
            if (i == 1000) {
                throw new AssertionError(held() + " bytes lie in buffers");
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
        server.close();
    }
}
