package s3ml.lab.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/// The network between the nodes of a cluster, which can be cut: one forwarder before each node's peer port.
///
/// All nodes dial the same address of a node, so who dials is found by the process that owns the connection
/// (`/proc/net/tcp` and `/proc/PID/fd`). Clients do not come through here: they reach every node, also those of a
/// minority.
///
/// Owns a thread for each connection and direction. Thread-safe.
final class PeerNetwork implements AutoCloseable {
    private static final int BUFFER = 16 * 1024;
    private static final int DIAL_MILLIS = 1_000;
    private static final int LOCAL_ADDRESS = 1;
    private static final int REMOTE_ADDRESS = 2;
    private static final int INODE = 9;
    private static final int HEX = 16;

    private final List<ServerSocket> doors = new ArrayList<>();
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final IntFunction<Optional<Process>> processes;
    private volatile Set<Integer> cutOff = Set.of();
    private volatile boolean allAlone;

    /// @param peerPorts where the nodes really listen
    /// @param processes the process of each node
    PeerNetwork(int[] peerPorts, IntFunction<Optional<Process>> processes) throws IOException {
        this.processes = processes;
        for (int node = 0; node < peerPorts.length; node++) {
            ServerSocket door = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
            doors.add(door);
            int to = node;
            thread(() -> accept(door, to, peerPorts[to]));
        }
    }

    /// One connection through a forwarder.
    private record Link(int from, int to, Socket dialler, Socket node) {
        void close() {
            shut(dialler);
            shut(node);
        }
    }

    /// The port at which the others reach a node.
    int port(int node) {
        return doors.get(node).getLocalPort();
    }

    /// Cuts every connection between these nodes and the others, until [#mend].
    void cut(Set<Integer> nodes) {
        cutOff = Set.copyOf(nodes);
        closeCut();
    }

    /// Cuts every connection between any two nodes, until [#mend].
    void isolateAll() {
        allAlone = true;
        closeCut();
    }

    private void closeCut() {
        for (Link link : links) {
            if (isCut(link.from(), link.to())) {
                link.close();
            }
        }
    }

    void mend() {
        cutOff = Set.of();
        allAlone = false;
    }

    private boolean isCut(int from, int to) {
        Set<Integer> now = cutOff;
        return allAlone || now.contains(from) != now.contains(to);
    }

    /// A thread of the platform: finding the dialler reads `/proc`, which holds a virtual thread's carrier, and the
    /// nodes' heartbeats pass here.
    private static Thread thread(Runnable work) {
        return Thread.ofPlatform().daemon().name("peer-network").start(work);
    }

    private void accept(ServerSocket door, int to, int port) {
        while (!door.isClosed()) {
            try {
                Socket dialler = door.accept();
                thread(() -> forward(dialler, to, port));
            } catch (IOException e) {
                // Closed, or the dialler was gone already.
            }
        }
    }

    private void forward(Socket dialler, int to, int port) {
        OptionalInt from = owner(dialler);
        if (from.isEmpty() || isCut(from.getAsInt(), to)) {
            shut(dialler);
            return;
        }
        Socket node = new Socket();
        Link link = new Link(from.getAsInt(), to, dialler, node);
        links.add(link);
        try {
            node.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), DIAL_MILLIS);
            Thread back = thread(() -> pump(node, dialler));
            pump(dialler, node);
            back.join();
        } catch (IOException e) {
            // The node is not there: the dialler tries again.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            link.close();
            links.remove(link);
        }
    }

    static void pump(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // Cut.
        } finally {
            shut(from);
            shut(to);
        }
    }

    /// The node whose process holds the other end of a connection.
    private OptionalInt owner(Socket dialler) {
        Optional<String> socket =
                inode(dialler.getPort(), dialler.getLocalPort()).map(inode -> "socket:[" + inode + "]");
        for (int node = 0; socket.isPresent() && node < doors.size(); node++) {
            Optional<Process> process = processes.apply(node);
            if (process.isPresent() && holds(process.get().pid(), socket.get())) {
                return OptionalInt.of(node);
            }
        }
        return OptionalInt.empty();
    }

    /// Both ports are compared: connections to other servers may have the same local port.
    private static Optional<String> inode(int local, int remote) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/net/tcp"))) {
            return lines.skip(1)
                    .map(line -> line.strip().split("\\s+"))
                    .filter(fields -> port(fields[LOCAL_ADDRESS]) == local && port(fields[REMOTE_ADDRESS]) == remote)
                    .map(fields -> fields[INODE])
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            // The dialler is refused, and tries again.
            return Optional.empty();
        }
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), HEX);
    }

    private static boolean holds(long pid, String socket) {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return open.anyMatch(file -> {
                try {
                    return Files.readSymbolicLink(file).toString().equals(socket);
                } catch (IOException e) {
                    return false;
                }
            });
        } catch (IOException e) {
            return false;
        }
    }

    static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more.
        }
    }

    @Override
    public void close() {
        for (ServerSocket door : doors) {
            try {
                door.close();
            } catch (IOException e) {
                // Nobody dials any more.
            }
        }
        links.forEach(Link::close);
    }
}
