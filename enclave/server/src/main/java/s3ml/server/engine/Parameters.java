package s3ml.server.engine;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import s3ml.attest.Digest;
import s3ml.protocol.receipt.InferenceReceipt;

/// Parameters of a request, an input or an output, as the protocols carry them: text, whole and other numbers,
/// booleans.
public record Parameters(Map<String, Object> values) {
    public static final Parameters NONE = new Parameters(Map.of());

    /// Parameters above this many are not read by anybody.
    private static final int MOST = 64;

    /// More classes than this are wanted by nobody who reads them.
    private static final int MOST_CLASSES = 10_000;

    /// Priorities as Triton counts them: 1 is served first, 0 stands for the default.
    private static final int LOWEST_PRIORITY = 100;

    public Parameters {
        if (values.size() > MOST) {
            throw new RequestRefused(Fault.TOO_LARGE, "more than " + MOST + " parameters");
        }
        values = Map.copyOf(values);
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /// False when it is not given.
    public boolean flag(String name) {
        return switch (values.get(name)) {
            case null -> false;
            case Boolean flag -> flag;
            default -> throw wrong(name, "true or false");
        };
    }

    /// A whole number.
    public OptionalLong number(String name) {
        return switch (values.get(name)) {
            case null -> OptionalLong.empty();
            case Long number -> OptionalLong.of(number);
            default -> throw wrong(name, "a whole number");
        };
    }

    /// Of an output: how many classes are wanted instead of the tensor; 0 for the tensor.
    public int classes() {
        long classes = number("classification").orElse(0);
        if (classes < 0 || classes > MOST_CLASSES) {
            throw wrong("classification", "within 0.." + MOST_CLASSES);
        }
        return (int) classes;
    }

    /// Of a request: when nobody waits any more, as [System#nanoTime()], by its `timeout` in microseconds.
    public long deadline(long now) {
        OptionalLong timeout = number("timeout");
        if (timeout.isEmpty() || timeout.getAsLong() == 0) {
            return now + InferenceRequest.DEFAULT_TIMEOUT_NANOS;
        }
        long micros = timeout.getAsLong();
        if (micros < 0) {
            throw wrong("timeout", "a positive number of microseconds");
        }
        return now + Math.min(micros, InferenceRequest.DEFAULT_TIMEOUT_NANOS / 1000) * 1000;
    }

    /// Of a request: its place in the queue.
    public int priority() {
        long priority = number("priority").orElse(0);
        if (priority < 0 || priority > LOWEST_PRIORITY) {
            throw wrong("priority", "within 0.." + LOWEST_PRIORITY);
        }
        return priority == 0 ? InferenceRequest.DEFAULT_PRIORITY : (int) priority;
    }

    /// Of a request: the salt of the receipt that is wanted.
    public Optional<Digest> receiptSalt() {
        Object salt = values.get(InferenceReceipt.SALT_PARAMETER);
        if (salt == null) {
            return Optional.empty();
        }
        if (salt instanceof String hex && hex.length() == 2 * Digest.BYTES) {
            return Optional.of(digest(hex));
        }
        throw wrong(InferenceReceipt.SALT_PARAMETER, "64 hex digits");
    }

    private static Digest digest(String hex) {
        try {
            return Digest.parse(hex);
        } catch (IllegalArgumentException malformed) {
            throw wrong(InferenceReceipt.SALT_PARAMETER, "64 hex digits");
        }
    }

    private static RequestRefused wrong(String name, String wanted) {
        return new RequestRefused(Fault.WRONG_PARAMETER, "parameter \"" + name + "\" must be " + wanted);
    }
}
