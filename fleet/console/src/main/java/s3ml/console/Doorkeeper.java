package s3ml.console;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;

/// Lets in who holds the token: by a session cookie in browsers, by `Authorization: Bearer` in programs. Thread-safe.
final class Doorkeeper {
    /// With the port: browsers keep one jar for all ports of a host, and two consoles must not sign each other out.
    private static final String COOKIE = "s3ml-console-";
    private static final int LONGEST_FORM = 4096;
    /// Wrong tokens in a window of time, of all visitors together.
    private static final int MOST_TRIES = 10;

    private static final long WINDOW_MILLIS = 10_000;

    private final Token token;
    private final InstantSource clock;
    private final boolean secure;
    private long windowBegan;
    private int tries;

    /// @param secure whether cookies may travel over TLS only
    Doorkeeper(Token token, InstantSource clock, boolean secure) {
        this.token = token;
        this.clock = clock;
        this.secure = secure;
    }

    boolean knows(HttpExchange exchange) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (authorization != null && authorization.startsWith("Bearer ")) {
            return mayTry()
                    && matches(authorization.substring("Bearer ".length()).strip());
        }
        return cookie(exchange)
                .filter(session -> token.isSession(session, clock.instant()))
                .isPresent();
    }

    /// Answers a sign-in form.
    void signIn(HttpExchange exchange) throws IOException {
        if (!mayTry()) {
            Answer.refuse(
                    exchange,
                    Answer.TOO_MANY,
                    "CON-109",
                    "CON-109: not looked at: too many wrong tokens came just now; wait ten seconds");
            return;
        }
        String form = new String(exchange.getRequestBody().readNBytes(LONGEST_FORM), StandardCharsets.UTF_8);
        if (!form.startsWith("token=") || !matches(decoded(form.substring("token=".length())))) {
            Answer.refuse(
                    exchange,
                    Answer.UNAUTHORIZED,
                    "CON-102",
                    "CON-102: not signed in: this is not the token of this console; it was printed when the console"
                            + " started, or lies in its token file");
            return;
        }
        cookie(exchange, token.newSession(clock.instant()), Token.SESSION.toSeconds());
        Answer.json(exchange, Answer.OK, "{\"signedIn\":true}");
    }

    void signOut(HttpExchange exchange) throws IOException {
        cookie(exchange, "", 0);
        Answer.seeOther(exchange, "/login");
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8).strip();
        } catch (IllegalArgumentException malformed) {
            return "";
        }
    }

    private void cookie(HttpExchange exchange, String value, long seconds) {
        exchange.getResponseHeaders()
                .set(
                        "Set-Cookie",
                        name(exchange) + value + "; Path=/; Max-Age=" + seconds + "; HttpOnly; SameSite=Strict"
                                + (secure ? "; Secure" : ""));
    }

    private static String name(HttpExchange exchange) {
        return COOKIE + exchange.getLocalAddress().getPort() + "=";
    }

    private static Optional<String> cookie(HttpExchange exchange) {
        String all = exchange.getRequestHeaders().getFirst("Cookie");
        if (all == null) {
            return Optional.empty();
        }
        for (String one : all.split(";", -1)) {
            String stripped = one.strip();
            if (stripped.startsWith(name(exchange))) {
                return Optional.of(stripped.substring(name(exchange).length()));
            }
        }
        return Optional.empty();
    }

    private synchronized boolean mayTry() {
        if (clock.millis() - windowBegan > WINDOW_MILLIS) {
            windowBegan = clock.millis();
            tries = 0;
        }
        return tries < MOST_TRIES;
    }

    private boolean matches(String offered) {
        boolean right = token.matches(offered);
        if (!right) {
            synchronized (this) {
                tries++;
            }
        }
        return right;
    }
}
