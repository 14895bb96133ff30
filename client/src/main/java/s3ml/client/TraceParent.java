package s3ml.client;

import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import s3ml.attest.S3mlException;

/// Where a request stands in a distributed trace: W3C Trace Context, header `traceparent`. It holds random numbers and
/// nothing of the request, so it travels in the clear even beside a sealed body.
///
/// @param traceId 32 lowercase hex digits, not all zero
/// @param spanId 16 lowercase hex digits, not all zero: the caller's own span
/// @param sampled whether the caller records the trace; the server records its span only then
public record TraceParent(String traceId, String spanId, boolean sampled) {
    static final String HEADER = "traceparent";

    private static final Pattern TRACE = Pattern.compile("(?!0{32})[0-9a-f]{32}");
    private static final Pattern SPAN = Pattern.compile("(?!0{16})[0-9a-f]{16}");

    /// Version 00; later versions may be longer.
    private static final Pattern FORM =
            Pattern.compile("(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

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
        return new TraceParent(digits(random, 16), digits(random, 8), true);
    }

    /// A further span of the same trace.
    public TraceParent child(RandomGenerator random) {
        return new TraceParent(traceId, digits(random, 8), sampled);
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

    /// Reads what another service or tool handed on.
    ///
    /// @throws S3mlException `CLI-114` when it has another form
    public static TraceParent parse(String header) {
        Matcher matcher = FORM.matcher(header);
        if (matcher.matches()
                && TRACE.matcher(matcher.group(1)).matches()
                && SPAN.matcher(matcher.group(2)).matches()) {
            boolean sampled = (Integer.parseInt(matcher.group(3), HEXADECIMAL) & SAMPLED) == SAMPLED;
            return new TraceParent(matcher.group(1), matcher.group(2), sampled);
        }
        throw new S3mlException(
                "CLI-114",
                "sent nothing",
                "\"" + header + "\" is no traceparent",
                "give VERSION-TRACE-SPAN-FLAGS in lowercase hex digits, as W3C Trace Context says");
    }

    /// As it travels.
    public String header() {
        return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
    }
}
