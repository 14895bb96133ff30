package s3ml.server.engine;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The part of a distributed trace that a caller hands on: W3C Trace Context, header `traceparent`.
///
/// @param traceId 32 hex digits
/// @param parentId 16 hex digits: the caller's span
public record TraceContext(String traceId, String parentId) {
    public static final String HEADER = "traceparent";

    /// Version 00, and what later versions keep of it.
    private static final Pattern FORM =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    private static final int LONGEST = 256;

    /// Reads the header; empty for none, for one of wrong form, which the standard says to ignore, and for one whose
    /// caller does not record.
    public static Optional<TraceContext> parse(@Nullable String header) {
        if (header == null || header.length() > LONGEST) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(header);
        boolean sampled = matcher.matches() && (Integer.parseInt(matcher.group(3), 16) & 1) == 1;
        return sampled ? Optional.of(new TraceContext(matcher.group(1), matcher.group(2))) : Optional.empty();
    }
}
