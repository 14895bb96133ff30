package s3ml.console;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import s3ml.policy.FleetException;

/// What the page asks about an AECS: its answers as bytes, its counters as JSON.
///
/// FleetException `CON-106` for a wrong request, `CON-112` when no AECS was named.
final class AecsPages {
    private static final int LONGEST_QUERY = 256;

    private final Optional<AecsRelay> aecs;
    private final Optional<AecsCounters> counters;

    AecsPages(Optional<AecsRelay> aecs, Optional<AecsCounters> counters) {
        this.aecs = aecs;
        this.counters = counters;
    }

    boolean hasCounters() {
        return counters.isPresent();
    }

    /// Answers `/api/aecs/WHAT`.
    ///
    /// @return false when there is no such page
    boolean answer(HttpExchange exchange, String what) throws IOException {
        Query query = Query.of(exchange);
        switch (what) {
            case "counters" ->
                Answer.json(
                        exchange,
                        Answer.OK,
                        counters.orElseThrow(() -> absent("--aecs-metrics")).json());
            case "attest" -> bytes(exchange, relay().attest(query.nonce()));
            case "entries" ->
                bytes(exchange, relay().read(query.number("first", Long.MAX_VALUE), (int)
                        query.number("count", AecsRelay.MOST_ENTRIES)));
            case "proof" -> {
                long known = query.number("known", Long.MAX_VALUE);
                bytes(
                        exchange,
                        query.has("entry")
                                ? relay().prove(known, query.number("entry", Long.MAX_VALUE))
                                : relay().prove(known));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private AecsRelay relay() {
        return aecs.orElseThrow(() -> absent("--aecs"));
    }

    private static FleetException absent(String option) {
        return new FleetException(
                "CON-112", "nothing to show", "this console was started without " + option, "start it with " + option);
    }

    private static void bytes(HttpExchange exchange, byte[] message) throws IOException {
        Answer.send(exchange, Answer.OK, "application/octet-stream", message);
    }

    /// The parameters of a request.
    private record Query(Map<String, String> values) {
        static Query of(HttpExchange exchange) {
            String text =
                    Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
            if (text.length() > LONGEST_QUERY) {
                throw wrong("the query is longer than " + LONGEST_QUERY + " characters");
            }
            Map<String, String> values = new HashMap<>();
            for (String pair : text.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    values.put(pair.substring(0, equals), pair.substring(equals + 1));
                }
            }
            return new Query(values);
        }

        boolean has(String name) {
            return values.containsKey(name);
        }

        long number(String name, long most) {
            String text = values.getOrDefault(name, "");
            try {
                long number = Long.parseLong(text);
                if (number >= 0 && number <= most) {
                    return number;
                }
            } catch (NumberFormatException malformed) {
                // Told below.
            }
            throw wrong(name + " is no number from 0 to " + most);
        }

        byte[] nonce() {
            try {
                byte[] nonce = HexFormat.of().parseHex(values.getOrDefault("nonce", ""));
                if (nonce.length == AecsRelay.NONCE_BYTES) {
                    return nonce;
                }
            } catch (IllegalArgumentException malformed) {
                // Told below.
            }
            throw wrong("nonce is not " + AecsRelay.NONCE_BYTES + " bytes in hexadecimal");
        }

        private static FleetException wrong(String why) {
            return new FleetException("CON-106", "refused the request", why, "correct it");
        }
    }
}
