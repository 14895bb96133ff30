package s3ml.console;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/// The page's files, packed and hashed once at the start; nothing else of the class path can be asked for.
final class PageFiles {
    private static final List<String> NAMES = List.of(
            "index.html",
            "login.html",
            "style.css",
            "icon.svg",
            "login.js",
            "app.js",
            "dom.js",
            "feed.js",
            "fleet.js",
            "hosts.js",
            "host.js",
            "models.js",
            "attestation.js",
            "leases.js",
            "log.js",
            "aecs.js",
            "merkle.js",
            "wire.js",
            "limits.js");

    private final Map<String, Page> pages = new HashMap<>();

    @SuppressWarnings("ArrayRecordComponent") // Never compared and never handed out.
    private record Page(String type, byte[] plain, byte[] packed, String tag) {}

    PageFiles() {
        for (String name : NAMES) {
            pages.put(name, load(name));
        }
    }

    private static Page load(String name) {
        try (InputStream in = PageFiles.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the console was built without " + name);
            }
            byte[] plain = in.readAllBytes();
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
                out.write(plain);
            }
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(plain);
            String tag = '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(digest) + '"';
            return new Page(type(name), plain, packed.toByteArray(), tag);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read the page's " + name, unreadable);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "svg" -> "image/svg+xml";
            default -> "text/javascript; charset=utf-8";
        };
    }

    /// Sends the file.
    ///
    /// @return false when there is none of this name
    boolean send(HttpExchange exchange, String name) throws IOException {
        Page page = pages.get(name);
        if (page == null) {
            return false;
        }
        var headers = exchange.getResponseHeaders();
        // Asked for again each time: after an update no page runs with half of the old files.
        headers.set("Cache-Control", "no-cache");
        headers.set("ETag", page.tag());
        headers.set("Vary", "Accept-Encoding");
        if (page.tag().equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(Answer.NOT_MODIFIED, -1);
            return true;
        }
        boolean packed = acceptsGzip(exchange);
        if (packed) {
            headers.set("Content-Encoding", "gzip");
        }
        Answer.send(exchange, Answer.OK, page.type(), packed ? page.packed() : page.plain());
        return true;
    }

    static boolean acceptsGzip(HttpExchange exchange) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Accept-Encoding"))
                .orElse("")
                .contains("gzip");
    }
}
