package s3ml.sim.loader;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// Speaks to a platform process over its control socket. Thread-safe: each request has a connection of its own.
public final class PlatformControl {
    private final Path socket;

    private PlatformControl(Path socket) {
        this.socket = socket;
    }

    /// The platform whose ready line named this socket.
    public static PlatformControl at(Path socket) {
        return new PlatformControl(socket);
    }

    /// A started enclave, as the platform describes it.
    ///
    /// @param measurement MRENCLAVE, hex
    /// @param signer MRSIGNER, hex
    /// @param ready the enclave's own ready line, for example its ports
    /// @param log the file with its standard error
    public record Enclave(String name, long pid, String measurement, String signer, JsonObject ready, Path log) {
        static Enclave of(JsonObject json) {
            return new Enclave(
                    json.string("name"),
                    json.number("pid"),
                    json.string("measurement"),
                    json.string("signer"),
                    json.optionalObject("ready")
                            .orElseGet(() -> JsonObject.builder().build()),
                    Path.of(json.string("log")));
        }
    }

    /// Starts an enclave and waits until it is ready.
    ///
    /// @throws S3mlException with the code of the platform's refusal
    public Enclave load(EnclaveSpec spec, Duration limit) {
        start(spec);
        return await(spec.name(), limit);
    }

    /// Starts an enclave and returns at once.
    public void start(EnclaveSpec spec) {
        ask(JsonObject.builder().put("op", "start").put("spec", spec.toJson()).build());
    }

    /// Waits until a started enclave is ready.
    public Enclave await(String name, Duration limit) {
        return Enclave.of(object(ask(JsonObject.builder()
                .put("op", "await")
                .put("name", name)
                .put("seconds", limit.toSeconds())
                .build())));
    }

    /// Ends an enclave by SIGTERM; returns its exit status.
    public int stop(String name) {
        return exitStatus("stop", name);
    }

    /// Ends an enclave by SIGKILL; returns its exit status.
    public int kill(String name) {
        return exitStatus("kill", name);
    }

    /// The descriptions of all enclaves, ended ones included.
    public List<JsonObject> list() {
        return ask(JsonObject.builder().put("op", "list").build()) instanceof JsonArray array
                ? array.objects()
                : List.of();
    }

    private int exitStatus(String op, String name) {
        JsonValue answer =
                ask(JsonObject.builder().put("op", op).put("name", name).build());
        return Math.toIntExact(object(answer).number("exitStatus"));
    }

    private static JsonObject object(JsonValue value) {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw new IllegalStateException("the platform answered with " + value.kind());
    }

    private JsonValue ask(JsonObject request) {
        JsonObject answer;
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer line = StandardCharsets.UTF_8.encode(Json.write(request) + "\n");
            while (line.hasRemaining()) {
                channel.write(line);
            }
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            String text = reader.readLine();
            if (text == null) {
                throw new IOException("it closed the connection");
            }
            answer = Json.parseObject(text);
        } catch (IOException e) {
            throw new S3mlException(
                    "SIM-112",
                    "could not reach the simulated platform",
                    socket + ": " + e.getMessage(),
                    "start one with ./s3ml sim platform",
                    e);
        }
        if (answer.bool("ok")) {
            return answer.value("result").orElseThrow();
        }
        throw refused(answer);
    }

    /// The platform's own refusal, with its code; the message is already in three parts.
    private static S3mlException refused(JsonObject answer) {
        String code = answer.string("code");
        String message = answer.string("message");
        String rest = message.startsWith(code + ": ") ? message.substring(code.length() + 2) : message;
        int next = rest.lastIndexOf("; ");
        int why = rest.indexOf(": ");
        if (why < 0 || next < why) {
            return new S3mlException(code, "the simulated platform refused", rest, "see its log");
        }
        return new S3mlException(code, rest.substring(0, why), rest.substring(why + 2, next), rest.substring(next + 2));
    }
}
