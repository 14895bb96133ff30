package s3ml.lab.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A port that leads to another one while it is open: a server behind it can be taken away and brought back.
///
/// Owns a thread for each connection and direction. Thread-safe.
final class Door implements AutoCloseable {
    private static final int DIAL_MILLIS = 1_000;

    private final ServerSocket listener;
    private final int target;
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private volatile boolean shut;

    private Door(ServerSocket listener, int target) {
        this.listener = listener;
        this.target = target;
    }

    /// A door before a port of this machine, open at first.
    static Door before(int target) {
        try {
            Door door = new Door(new ServerSocket(0, 64, InetAddress.getLoopbackAddress()), target);
            Thread.ofVirtual().start(door::accept);
            return door;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /// Refuses new connections and ends those there are.
    void shut() {
        shut = true;
        connections.forEach(PeerNetwork::shut);
    }

    void open() {
        shut = false;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket caller = listener.accept();
                Thread.ofVirtual().start(() -> lead(caller));
            } catch (IOException e) {
                // Closed, or the caller was gone already.
            }
        }
    }

    private void lead(Socket caller) {
        Socket server = new Socket();
        connections.addAll(List.of(caller, server));
        try {
            if (!shut) {
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), DIAL_MILLIS);
                Thread back = Thread.ofVirtual().start(() -> PeerNetwork.pump(server, caller));
                PeerNetwork.pump(caller, server);
                back.join();
            }
        } catch (IOException e) {
            // There is nobody behind the door.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            PeerNetwork.shut(caller);
            PeerNetwork.shut(server);
            connections.removeAll(List.of(caller, server));
        }
    }

    @Override
    public void close() {
        shut();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
