package s3ml.lab.console;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/// A connection to one page of a browser by the DevTools protocol. Thread-safe.
final class DevTools implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<Integer, CompletableFuture<JsonObject>> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final BiConsumer<String, JsonObject> events;
    private final HttpClient client;
    private final WebSocket socket;

    private DevTools(HttpClient client, URI page, BiConsumer<String, JsonObject> events) {
        this.client = client;
        this.events = events;
        this.socket = client.newWebSocketBuilder()
                .buildAsync(page, new Reader())
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /// @param page `ws://...` of the page
    /// @param events gets each event's name and parameters, in the connection's thread
    static DevTools connect(URI page, BiConsumer<String, JsonObject> events) {
        return new DevTools(HttpClient.newHttpClient(), page, events);
    }

    /// The result of a method; an error of the browser is an [IllegalStateException].
    JsonObject call(String method, JsonObject parameters) {
        int id = calls.incrementAndGet();
        JsonObject request = new JsonObject();
        request.addProperty("id", id);
        request.addProperty("method", method);
        request.add("params", parameters);
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        synchronized (this) {
            // One text at a time may be on its way.
            socket.sendText(request.toString(), true).join();
        }
        try {
            return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        } catch (CompletionException failed) {
            throw new IllegalStateException("the browser failed at " + method + ": " + failed.getCause(), failed);
        } finally {
            waiting.remove(id);
        }
    }

    JsonObject call(String method) {
        return call(method, new JsonObject());
    }

    private void take(String text) {
        JsonObject message = JsonParser.parseString(text).getAsJsonObject();
        if (!message.has("id")) {
            events.accept(message.get("method").getAsString(), message.getAsJsonObject("params"));
            return;
        }
        CompletableFuture<JsonObject> answer = waiting.get(message.get("id").getAsInt());
        if (answer == null) {
            return;
        }
        if (message.has("error")) {
            answer.completeExceptionally(
                    new IllegalStateException(message.get("error").toString()));
        } else {
            answer.complete(message.getAsJsonObject("result"));
        }
    }

    private final class Reader implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                String whole = text.toString();
                text.setLength(0);
                take(whole);
            }
            webSocket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            waiting.values().forEach(answer -> answer.completeExceptionally(error));
        }
    }

    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
    }
}
