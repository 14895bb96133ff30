package s3ml.console;

import com.google.gson.stream.JsonWriter;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Answers of the console over HTTP, each with the headers that keep a browser strict.
///
/// The policy admits no script, style, picture or connection but the console's own, none of them inline, no markup made
/// from text, and no other page around it.
final class Answer {
    static final int OK = 200;
    static final int SEE_OTHER = 303;
    static final int NOT_MODIFIED = 304;
    static final int BAD_REQUEST = 400;
    static final int UNAUTHORIZED = 401;
    static final int NOT_FOUND = 404;
    static final int TOO_MANY = 429;
    static final int BAD_GATEWAY = 502;
    static final int UNAVAILABLE = 503;

    static final String SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; manifest-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'; trusted-types 'none'";

    private static final int NO_BODY = -1;

    private Answer() {}

    static void strict(HttpExchange exchange) {
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Security-Policy", SECURITY_POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
    }

    static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length == 0 ? NO_BODY : body.length);
        if (body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    static void json(HttpExchange exchange, int status, String document) throws IOException {
        send(exchange, status, "application/json", document.getBytes(StandardCharsets.UTF_8));
    }

    /// A refusal that people and programs can tell from others: a stable code and what, why, next.
    static void refuse(HttpExchange exchange, int status, String code, String message) throws IOException {
        json(exchange, status, refusal(code, message));
    }

    static String refusal(String code, String message) {
        return document(json -> json.beginObject()
                .name("code")
                .value(code)
                .name("message")
                .value(message)
                .endObject());
    }

    static void seeOther(HttpExchange exchange, String path) throws IOException {
        exchange.getResponseHeaders().set("Location", path);
        exchange.sendResponseHeaders(SEE_OTHER, NO_BODY);
    }

    /// Writes a document.
    @FunctionalInterface
    interface Writing {
        void to(JsonWriter json) throws IOException;
    }

    static String document(Writing writing) {
        StringWriter text = new StringWriter();
        try {
            writing.to(new JsonWriter(text));
        } catch (IOException impossible) {
            throw new UncheckedIOException("a string takes all", impossible);
        }
        return text.toString();
    }
}
