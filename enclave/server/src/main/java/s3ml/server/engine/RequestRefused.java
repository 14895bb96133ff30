package s3ml.server.engine;

import java.time.Duration;

/// A request that is not answered with a result. Its message goes to a peer that proved nothing about itself, so it
/// holds the code and what that peer sent, and nothing of the model, the host or the server's state.
///
/// Carries no stack trace: under overload refusals are the common case and must stay cheap.
public final class RequestRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What a caller sent is repeated up to this length.
    private static final int QUOTED = 64;

    /// Whoever is sent away comes back within a minute at the latest: by then a queue looks different.
    private static final long LONGEST_AWAY_SECONDS = 60;

    private final Fault fault;
    private final Duration retryAfter;

    /// @param why one clause about what the caller sent; [#quoted] shortens its words
    public RequestRefused(Fault fault, String why) {
        this(fault, why, Duration.ZERO);
    }

    private RequestRefused(Fault fault, String why, Duration retryAfter) {
        super(fault.code() + ": " + why, null, false, false);
        this.fault = fault;
        this.retryAfter = retryAfter;
    }

    /// For a request that finds too many before it.
    ///
    /// @param wait until they will be answered, by the last runs
    public static RequestRefused overloaded(String why, Duration wait) {
        return new RequestRefused(Fault.OVERLOADED, why, wait);
    }

    public Fault fault() {
        return fault;
    }

    /// When it is worth asking again, in whole seconds as HTTP says it: 1 to 60.
    public long retryAfterSeconds() {
        return Math.clamp(retryAfter.plusMillis(999).toSeconds(), 1, LONGEST_AWAY_SECONDS);
    }

    /// A caller's own text, short and without control characters.
    public static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints()
                .limit(QUOTED)
                .map(c -> Character.isISOControl(c) || c == '"' ? '?' : c)
                .forEach(out::appendCodePoint);
        return out.append(text.length() > QUOTED ? "…\"" : "\"").toString();
    }
}
