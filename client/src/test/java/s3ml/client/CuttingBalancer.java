package s3ml.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import s3ml.protocol.Endpoint;

/// One port before several replicas, as SO_REUSEPORT or a balancer of layer 4 makes it; a replica can be cut off as
/// `kill -9` does: its connections are reset and it gets no new ones.
final class CuttingBalancer implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Endpoint> replicas;
    private final List<List<Socket>> connections = new ArrayList<>();
    private final List<Boolean> cut = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    CuttingBalancer(List<Endpoint> replicas) {
        this.replicas = List.copyOf(replicas);
        replicas.forEach(replica -> {
            connections.add(new ArrayList<>());
            cut.add(false);
        });
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        executor.execute(this::accept);
    }

    Endpoint endpoint() {
        return new Endpoint("127.0.0.1", listener.getLocalPort());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                int replica = choose();
                Endpoint target = replicas.get(replica);
                Socket far = new Socket(target.host(), target.port());
                synchronized (this) {
                    connections.get(replica).add(near);
                    connections.get(replica).add(far);
                }
                executor.execute(() -> pump(near, far));
                executor.execute(() -> pump(far, near));
            } catch (IOException ignored) {
                // Closed, or a replica that is gone: the next one is accepted.
            }
        }
    }

    private synchronized int choose() {
        int replica;
        do {
            replica = Math.floorMod(next.getAndIncrement(), replicas.size());
        } while (cut.get(replica));
        return replica;
    }

    private static void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException ignored) {
            // Either side is gone; both are closed.
        }
    }

    /// Resets every connection of the replica.
    synchronized void cut(int replica) {
        cut.set(replica, true);
        for (Socket socket : connections.get(replica)) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException ignored) {
                // Already gone.
            }
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException ignored) {
            // Nothing is lost.
        }
        for (int replica = 0; replica < replicas.size(); replica++) {
            cut(replica);
        }
        executor.shutdownNow();
    }
}
