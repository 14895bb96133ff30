package s3ml.policy;

/// Argument checks of the records, which name the field at fault.
final class Checks {
    private Checks() {}

    static double finite(double value, String field) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(field + " is not a finite number: " + value);
        }
        return value;
    }

    static double within(double value, double low, double high, String field) {
        if (!(value >= low && value <= high)) {
            throw new IllegalArgumentException(field + " is outside " + low + ".." + high + ": " + value);
        }
        return value;
    }

    static String named(String value, String field) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(field + " is blank");
        }
        return value;
    }
}
