package s3ml.sim.loader;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// The platform's control socket: one request and one answer per connection, each a line of JSON. Its folder's
/// permissions are its only guard, as with any loader of the operator.
///
/// Requests: `{"op":"status"}`, `{"op":"start","spec":{...}}`, `{"op":"await","name":...,"seconds":N}`,
/// `{"op":"stop","name":...}`,
/// `{"op":"kill","name":...}`, `{"op":"list"}`. Answers: `{"ok":true,...}` or `{"ok":false,"code":...,"message":...}`.
final class ControlServer implements AutoCloseable {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final Loader loader;
    private final JsonObject status;
    private final ServerSocketChannel listener;
    private final Path path;

    private ControlServer(Loader loader, JsonObject status, ServerSocketChannel listener, Path path) {
        this.loader = loader;
        this.status = status;
        this.listener = listener;
        this.path = path;
    }

    static ControlServer start(Loader loader, URI pccs, String rootFingerprint) {
        Path path = loader.sockets().resolve("control");
        try {
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(path));
            JsonObject status = JsonObject.builder()
                    .put("ready", true)
                    .put("simulated", true)
                    .put("pccs", pccs.toString())
                    .put("control", path.toString())
                    .put("root", "sha256:" + rootFingerprint)
                    .build();
            ControlServer server = new ControlServer(loader, status, listener, path);
            Thread.ofPlatform().daemon().name("control").start(server::accept);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the platform says when it is ready.
    JsonObject status() {
        return status;
    }

    Path path() {
        return path;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel channel = listener.accept();
                Thread.ofPlatform().daemon().name("control-request").start(() -> serve(channel));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            String line = reader.readLine();
            if (line != null) {
                ByteBuffer answer = StandardCharsets.UTF_8.encode(Json.write(answer(line)) + "\n");
                while (answer.hasRemaining()) {
                    channel.write(answer);
                }
            }
        } catch (IOException e) {
            // The caller has gone.
        }
    }

    private JsonObject answer(String line) {
        try {
            JsonObject request = Json.parseObject(line);
            return JsonObject.builder()
                    .put("ok", true)
                    .put("result", act(request))
                    .build();
        } catch (S3mlException e) {
            return refusal(e.code(), String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refusal("SIM-109", "SIM-109: the platform is ending: it was interrupted; start it anew");
        } catch (UncheckedIOException e) {
            return refusal("SIM-110", "SIM-110: the platform could not do it: " + e.getMessage() + "; see its log");
        }
    }

    private static JsonObject refusal(String code, String message) {
        return JsonObject.builder()
                .put("ok", false)
                .put("code", code)
                .put("message", message)
                .build();
    }

    private JsonValue act(JsonObject request) throws InterruptedException {
        return switch (request.string("op")) {
            case "status" -> status;
            case "start" -> {
                EnclaveSpec spec = EnclaveSpec.of(request.object("spec"));
                loader.start(spec);
                yield JsonObject.builder().put("name", spec.name()).build();
            }
            case "await" ->
                loader.awaitReady(
                        request.string("name"),
                        Duration.ofSeconds(Math.min(request.number("seconds"), LONGEST_WAIT.toSeconds())));
            case "stop" -> loader.stop(request.string("name"));
            case "kill" -> loader.kill(request.string("name"));
            case "list" -> {
                List<JsonValue> all = new ArrayList<>(loader.list());
                yield new JsonArray(all);
            }
            default -> throw EnclaveSpec.invalid("unknown op \"" + request.string("op") + "\"");
        };
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
