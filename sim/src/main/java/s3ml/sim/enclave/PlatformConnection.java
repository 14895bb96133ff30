package s3ml.sim.enclave;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.Platform;
import s3ml.attest.ReportData;
import s3ml.attest.S3mlException;
import s3ml.attest.SealTo;
import s3ml.attest.SealingKeys;
import s3ml.attest.SecretBytes;

/// A simulated enclave's line to its loader. Thread-safe: one request at a time.
///
/// The loader gives the address of a Unix-domain socket and a token on standard input, which then stays open: when it
/// ends, the platform is gone, and the process stops at once, as an enclave does with its machine.
public final class PlatformConnection implements EvidenceIssuer, SealingKeys {
    private static final int POWER_LOST = 75;
    private static final int MAX_CONTEXT = 4096;

    private final DataInputStream in;
    private final DataOutputStream out;

    private PlatformConnection(SocketChannel channel) {
        this.in = new DataInputStream(Channels.newInputStream(channel));
        this.out = new DataOutputStream(new java.io.BufferedOutputStream(Channels.newOutputStream(channel)));
    }

    /// Connects by what the loader wrote to standard input: one line with the socket, one with the token.
    ///
    /// @throws S3mlException SIM-201 if this process was not started by the loader
    public static Platform fromStandardInput() {
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String socket = lines.readLine();
            String token = lines.readLine();
            if (socket == null || token == null) {
                throw notStarted("standard input ended", null);
            }
            endWithThePlatform(lines);
            PlatformConnection connection = new PlatformConnection(open(socket));
            connection.ask(Frame.HELLO, HexFormat.of().parseHex(token));
            return new Platform(connection, connection);
        } catch (IOException | IllegalArgumentException e) {
            throw notStarted(String.valueOf(e.getMessage()), e);
        }
    }

    private static SocketChannel open(String socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }

    private static S3mlException notStarted(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new S3mlException(
                "SIM-201",
                "no simulated platform",
                why,
                "start this program as an enclave (./s3ml quickstart, or the control socket of ./s3ml sim platform)",
                cause);
    }

    private static void endWithThePlatform(BufferedReader lines) {
        Thread.ofPlatform().daemon().name("platform-lifeline").start(() -> {
            try {
                while (lines.read() >= 0) {
                    // The loader writes nothing more; only the end matters.
                }
            } catch (IOException e) {
                // A broken line is an ended one.
            }
            Runtime.getRuntime().halt(POWER_LOST);
        });
    }

    @Override
    public byte[] issue(ReportData reportData) {
        return ask(Frame.QUOTE, reportData.bytes());
    }

    @Override
    public String name() {
        return "simulated platform";
    }

    @Override
    public boolean simulated() {
        return true;
    }

    @Override
    public SecretBytes derive(SealTo to, byte[] context) {
        if (context.length > MAX_CONTEXT) {
            throw new IllegalArgumentException("context of " + context.length + " bytes; at most " + MAX_CONTEXT);
        }
        int kind = switch (to) {
            case ENCLAVE -> Frame.KEY_OF_ENCLAVE;
            case SIGNER -> Frame.KEY_OF_SIGNER;
        };
        return SecretBytes.takeOver(ask(kind, context));
    }

    private synchronized byte[] ask(int kind, byte[] content) {
        try {
            Frame.of(kind, content).write(out);
            Frame answer = Frame.read(in);
            if (answer.kind() == Frame.DONE) {
                return answer.content();
            }
            throw new S3mlException(
                    "SIM-202",
                    "the simulated platform refused a request",
                    new String(answer.content(), StandardCharsets.UTF_8),
                    "look into the platform's log");
        } catch (IOException e) {
            throw new S3mlException(
                    "SIM-203",
                    "lost the simulated platform",
                    String.valueOf(e.getMessage()),
                    "start the platform and its enclaves anew",
                    e);
        }
    }
}
