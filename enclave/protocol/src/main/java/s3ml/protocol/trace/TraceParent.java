package s3ml.protocol.trace;

import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a call stands in a distributed trace: W3C Trace Context, header `traceparent`. It holds random numbers and
/// nothing of the call, so it travels in the clear even beside a sealed body.
///
/// @param traceId 32 lowercase hex digits, not all zero
/// @param spanId 16 lowercase hex digits, not all zero: the caller's own span
/// @param sampled whether the caller records the trace; who is called records a span only then
public record TraceParent(String traceId, String spanId, boolean sampled) {
    /// Name of the HTTP header and of the gRPC metadata.
    public static final String HEADER = "traceparent";

    private static final Pattern TRACE = Pattern.compile("(?!0{32})[0-9a-f]{32}");
    private static final Pattern SPAN = Pattern.compile("(?!0{16})[0-9a-f]{16}");

    /// Version 00; later versions may be longer.
    private static final Pattern FORM =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(" + TRACE + ")-(" + SPAN + ")-([0-9a-f]{2})(-.*)?");

    /// What a later version may add is not read.
    private static final int LONGEST = 256;

    private static final int TRACE_BYTES = 16;
    private static final int SPAN_BYTES = 8;
    private static final int SAMPLED = 1;
    private static final int HEXADECIMAL = 16;

    public TraceParent {
        if (!TRACE.matcher(traceId).matches()) {
            throw new IllegalArgumentException("traceId must be 32 lowercase hex digits, not all zero");
        }
        if (!SPAN.matcher(spanId).matches()) {
            throw new IllegalArgumentException("spanId must be 16 lowercase hex digits, not all zero");
        }
    }

    /// The first span of a new trace that is recorded.
    public static TraceParent fresh(RandomGenerator random) {
        return new TraceParent(digits(random, TRACE_BYTES), digits(random, SPAN_BYTES), true);
    }

    /// A further span of the same trace.
    public TraceParent child(RandomGenerator random) {
        return new TraceParent(traceId, digits(random, SPAN_BYTES), sampled);
    }

    private static String digits(RandomGenerator random, int bytes) {
        byte[] number = new byte[bytes];
        do {
            random.nextBytes(number);
        } while (isZero(number));
        return HexFormat.of().formatHex(number);
    }

    private static boolean isZero(byte[] number) {
        for (byte octet : number) {
            if (octet != 0) {
                return false;
            }
        }
        return true;
    }

    /// Reads what a caller handed on; empty for none and for one of wrong form, which the standard says to ignore.
    public static Optional<TraceParent> read(@Nullable String header) {
        if (header == null || header.length() > LONGEST) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(header);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        boolean sampled = (Integer.parseInt(matcher.group(3), HEXADECIMAL) & SAMPLED) == SAMPLED;
        return Optional.of(new TraceParent(matcher.group(1), matcher.group(2), sampled));
    }

    /// As it travels.
    public String header() {
        return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
    }
}
