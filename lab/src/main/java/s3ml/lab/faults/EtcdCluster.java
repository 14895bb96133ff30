package s3ml.lab.faults;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import s3ml.attest.S3mlException;
import s3ml.wire.etcd.MaintenanceGrpc;
import s3ml.wire.etcd.StatusRequest;
import s3ml.wire.etcd.StatusResponse;

/// A real etcd cluster of child processes on loopback, whose nodes can be killed, stopped and continued.
///
/// Ends every process it started. Not for use by several threads.
///
/// Codes: `LAB-121` the cluster does not get ready.
public final class EtcdCluster implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);

    /// What the nodes of one cluster are started with.
    ///
    /// @param binary the etcd server
    /// @param folder for data and logs
    /// @param nodes 1 or more
    /// @param quotaBytes size of the database at which etcd refuses writes; 0 = etcd's default
    public record Setup(Path binary, Path folder, int nodes, long quotaBytes) {}

    private static final class Node {
        final int clientPort;
        final int peerPort;
        volatile Process process;
        boolean stopped;

        Node(int clientPort, int peerPort, Process process) {
            this.clientPort = clientPort;
            this.peerPort = peerPort;
            this.process = process;
        }
    }

    private final Setup setup;
    private final List<Node> nodes = new ArrayList<>();
    private final String initialCluster;
    private final PeerNetwork network;

    private EtcdCluster(Setup setup) throws IOException {
        this.setup = setup;
        int[] ports = freePorts(2 * setup.nodes());
        int[] peerPorts = new int[setup.nodes()];
        for (int i = 0; i < setup.nodes(); i++) {
            peerPorts[i] = ports[2 * i + 1];
        }
        this.network = new PeerNetwork(peerPorts, this::process);
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < setup.nodes(); i++) {
            peers.add("n" + i + "=http://127.0.0.1:" + network.port(i));
        }
        this.initialCluster = String.join(",", peers);
        for (int i = 0; i < setup.nodes(); i++) {
            Process process = launch(i, ports[2 * i], peerPorts[i]);
            synchronized (nodes) {
                nodes.add(new Node(ports[2 * i], peerPorts[i], process));
            }
        }
    }

    /// Starts a cluster and waits until it has a leader.
    public static EtcdCluster start(Setup setup) {
        try {
            Files.createDirectories(setup.folder());
            EtcdCluster cluster = new EtcdCluster(setup);
            try {
                cluster.awaitLeader();
                return cluster;
            } catch (RuntimeException e) {
                cluster.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int[] freePorts(int count) throws IOException {
        int[] ports = new int[count];
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                held.add(socket);
                ports[i] = socket.getLocalPort();
            }
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
        return ports;
    }

    private Optional<Process> process(int node) {
        synchronized (nodes) {
            return node < nodes.size() ? Optional.of(nodes.get(node).process) : Optional.empty();
        }
    }

    private Process launch(int node, int clientPort, int peerPort) throws IOException {
        String name = "n" + node;
        String client = "http://127.0.0.1:" + clientPort;
        String peer = "http://127.0.0.1:" + peerPort;
        List<String> command = new ArrayList<>(List.of(
                setup.binary().toString(),
                "--name=" + name,
                "--data-dir=" + setup.folder().resolve(name),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + network.port(node),
                "--initial-cluster=" + initialCluster,
                "--initial-cluster-token=s3ml-lab",
                "--log-level=error"));
        if (setup.quotaBytes() > 0) {
            command.add("--quota-backend-bytes=" + setup.quotaBytes());
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        setup.folder().resolve(name + ".log").toFile()))
                .start();
    }

    /// Of the nodes as they are now.
    public List<Long> processes() {
        synchronized (nodes) {
            return nodes.stream().map(node -> node.process.pid()).toList();
        }
    }

    /// The client addresses of all nodes, running or not.
    public List<String> endpoints() {
        return nodes.stream().map(node -> "127.0.0.1:" + node.clientPort).toList();
    }

    /// The node that leads, as a running node says.
    public OptionalInt leader() {
        List<StatusResponse> answers = new ArrayList<>();
        for (Node node : nodes) {
            StatusResponse answer =
                    node.process.isAlive() && !node.stopped ? status(node) : StatusResponse.getDefaultInstance();
            answers.add(answer);
        }
        for (int i = 0; i < answers.size(); i++) {
            StatusResponse answer = answers.get(i);
            if (answer.getLeader() != 0
                    && answer.getLeader() == answer.getHeader().getMemberId()) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    private static StatusResponse status(Node node) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", node.clientPort)
                .usePlaintext()
                .build();
        try {
            return MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(1, TimeUnit.SECONDS)
                    .status(StatusRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            return StatusResponse.getDefaultInstance();
        } finally {
            channel.shutdownNow();
        }
    }

    /// Waits until some node leads, and returns which.
    public int awaitLeader() {
        long end = System.nanoTime() + READY.toNanos();
        while (System.nanoTime() < end) {
            OptionalInt leader = leader();
            if (leader.isPresent()) {
                return leader.getAsInt();
            }
            pause();
        }
        throw new S3mlException(
                "LAB-121",
                "etcd does not get ready",
                "no node leads after " + READY.toSeconds() + " s",
                "look into " + setup.folder());
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Ends a node without warning (SIGKILL).
    public void kill(int node) {
        try {
            nodes.get(node).process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Starts a node again that was killed, over its old data.
    public void restart(int node) {
        Node dead = nodes.get(node);
        try {
            dead.process = launch(node, dead.clientPort, dead.peerPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Stops a node (SIGSTOP): to all others it is as if the network to it were cut, and its connections stay open.
    public void stop(int node) {
        signal(nodes.get(node), "STOP");
        nodes.get(node).stopped = true;
    }

    /// Lets a stopped node go on (SIGCONT).
    public void resume(int node) {
        signal(nodes.get(node), "CONT");
        nodes.get(node).stopped = false;
    }

    /// Cuts the network between these nodes and the others; clients still reach all of them.
    public void cutOff(Set<Integer> some) {
        network.cut(some);
    }

    /// Cuts the network between all nodes.
    public void isolateAll() {
        network.isolateAll();
    }

    /// Ends [#cutOff] and [#isolateAll].
    public void mend() {
        network.mend();
    }

    private static void signal(Node node, String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(node.process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        network.close();
        for (Node node : nodes) {
            node.process.destroyForcibly();
        }
        for (Node node : nodes) {
            node.process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
    }
}
