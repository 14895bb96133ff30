package s3ml.server.engine;

/// A request that is not answered with a result. Its message goes to a peer that proved nothing about itself, so it
/// holds
/// the code and what that peer sent, and nothing of the model, the host or the server's state.
///
/// Carries no stack trace: under overload refusals are the common case and must stay cheap.
public final class RequestRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What a caller sent is repeated up to this length.
    private static final int QUOTED = 64;

    private final Fault fault;

    /// @param why one clause about what the caller sent; [#quoted] shortens its words
    public RequestRefused(Fault fault, String why) {
        super(fault.code() + ": " + why, null, false, false);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
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
