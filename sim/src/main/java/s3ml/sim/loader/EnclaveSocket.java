package s3ml.sim.loader;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import s3ml.sim.enclave.Frame;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.SimulatedPlatform;

/// The platform's end of one enclave's line: a Unix-domain socket that serves the first caller who shows the token, and
/// nobody after it.
final class EnclaveSocket implements AutoCloseable {
    private static final int TOKEN_SIZE = 32;
    private static final int MAX_CONTEXT = 4096;

    private final SimulatedPlatform platform;
    private final EnclaveIdentity identity;
    private final EvidenceKind evidence;
    private final byte[] token = new byte[TOKEN_SIZE];
    private final Path path;
    private final ServerSocketChannel listener;
    private volatile boolean spent;

    private EnclaveSocket(
            SimulatedPlatform platform,
            EnclaveIdentity identity,
            EvidenceKind evidence,
            Path path,
            ServerSocketChannel listener) {
        this.platform = platform;
        this.identity = identity;
        this.evidence = evidence;
        this.path = path;
        this.listener = listener;
        new SecureRandom().nextBytes(token);
    }

    static EnclaveSocket open(SimulatedPlatform platform, EnclaveIdentity identity, EvidenceKind evidence, Path path)
            throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path));
        EnclaveSocket socket = new EnclaveSocket(platform, identity, evidence, path, listener);
        Thread.ofPlatform().daemon().name("enclave-" + path.getFileName()).start(socket::serve);
        return socket;
    }

    byte[] token() {
        return token.clone();
    }

    /// Ends with the channel: a caller without the token is dropped and the wait goes on.
    private void serve() {
        while (!spent && listener.isOpen()) {
            try (SocketChannel channel = listener.accept()) {
                serve(channel);
            } catch (IOException e) {
                // The enclave ended, or the loader closed the socket: both are ends of this line, seen elsewhere.
            }
        }
        close();
    }

    private void serve(SocketChannel channel) throws IOException {
        DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
        DataOutputStream out =
                new DataOutputStream(new java.io.BufferedOutputStream(Channels.newOutputStream(channel)));
        Frame hello = Frame.read(in);
        if (hello.kind() != Frame.HELLO || !MessageDigest.isEqual(hello.content(), token)) {
            refusal("wrong token").write(out);
            return;
        }
        spent = true;
        Frame.of(Frame.DONE, new byte[0]).write(out);
        while (true) {
            answer(Frame.read(in)).write(out);
        }
    }

    private Frame answer(Frame request) {
        byte[] content = request.content();
        return switch (request.kind()) {
            case Frame.QUOTE ->
                content.length == 64
                        ? Frame.of(Frame.DONE, platform.quote(evidence, identity, content))
                        : refusal("report data must be 64 bytes");
            case Frame.KEY_OF_ENCLAVE ->
                content.length <= MAX_CONTEXT
                        ? Frame.of(Frame.DONE, platform.keyForEnclave(identity, content))
                        : refusal("context too long");
            case Frame.KEY_OF_SIGNER ->
                content.length <= MAX_CONTEXT
                        ? Frame.of(Frame.DONE, platform.keyForSigner(identity, content))
                        : refusal("context too long");
            default -> refusal("unknown request " + request.kind());
        };
    }

    private static Frame refusal(String reason) {
        return Frame.of(Frame.REFUSED, reason.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The folder goes with the platform.
        }
    }
}
