package s3ml.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Set;
import s3ml.policy.FleetException;

/// Takes each request, looks at who asks, and hands it to whom it belongs. Nothing here changes anything in the fleet:
/// the only requests besides reading sign in and out.
final class Desk implements HttpHandler {
    /// What the sign-in page is made of; all else takes a session.
    private static final Set<String> OPEN = Set.of("login.js", "style.css", "icon.svg");

    private final Doorkeeper door;
    private final FleetFeed feed;
    private final AecsPages aecs;
    private final Console.Sources sources;
    private final PageFiles files = new PageFiles();

    Desk(Doorkeeper door, FleetFeed feed, AecsPages aecs, Console.Sources sources) {
        this.door = door;
        this.feed = feed;
        this.aecs = aecs;
        this.sources = sources;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer.strict(exchange);
            String path = exchange.getRequestURI().getPath();
            switch (exchange.getRequestMethod()) {
                case "GET" -> get(exchange, path);
                case "POST" -> post(exchange, path);
                default -> noSuchPage(exchange);
            }
        }
    }

    private void post(HttpExchange exchange, String path) throws IOException {
        switch (path) {
            case "/login" -> door.signIn(exchange);
            case "/logout" -> door.signOut(exchange);
            default -> noSuchPage(exchange);
        }
    }

    private void get(HttpExchange exchange, String path) throws IOException {
        if (path.equals("/login")) {
            files.send(exchange, "login.html");
        } else if (OPEN.contains(path.substring(1))) {
            files.send(exchange, path.substring(1));
        } else if (door.knows(exchange)) {
            known(exchange, path);
        } else if (path.equals("/")) {
            Answer.seeOther(exchange, "/login");
        } else {
            Answer.refuse(
                    exchange,
                    Answer.UNAUTHORIZED,
                    "CON-101",
                    "CON-101: not shown: you are not signed in; open the console's first page and sign in, or send"
                            + " Authorization: Bearer TOKEN");
        }
    }

    private void known(HttpExchange exchange, String path) throws IOException {
        try {
            boolean answered = switch (path) {
                case "/" -> files.send(exchange, "index.html");
                case "/api/fleet" -> {
                    EventStream.run(exchange, feed);
                    yield true;
                }
                case "/api/session" -> {
                    Answer.json(exchange, Answer.OK, session());
                    yield true;
                }
                default ->
                    path.startsWith("/api/aecs/")
                            ? aecs.answer(exchange, path.substring("/api/aecs/".length()))
                            : files.send(exchange, path.substring(1));
            };
            if (!answered) {
                noSuchPage(exchange);
            }
        } catch (FleetException failed) {
            boolean wrong = failed.code().equals("CON-106");
            Answer.refuse(
                    exchange,
                    wrong ? Answer.BAD_REQUEST : Answer.BAD_GATEWAY,
                    failed.code(),
                    String.valueOf(failed.getMessage()));
        }
    }

    private String session() {
        return Answer.document(json -> json.beginObject()
                .name("signedIn")
                .value(true)
                .name("control")
                .value(sources.fleetName())
                .name("aecs")
                .value(sources.aecs().orElse(""))
                .name("counters")
                .value(aecs.hasCounters())
                .endObject());
    }

    private static void noSuchPage(HttpExchange exchange) throws IOException {
        Answer.refuse(
                exchange,
                Answer.NOT_FOUND,
                "CON-107",
                "CON-107: there is no such page; the console only reads, its first page is /");
    }
}
