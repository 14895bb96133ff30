package s3ml.attest.json;

import java.math.BigDecimal;

/// A number in the form in which it was written, so that no digit is lost.
///
/// @param text matches the grammar of RFC 8259, section 6, at most 64 characters
public record JsonNumber(String text) implements JsonValue {
    /// Longer numbers have no use in our documents and make arithmetic slow.
    static final int LONGEST = 64;

    public JsonNumber {
        if (text.length() > LONGEST || !matchesGrammar(text)) {
            throw Json.fault("\"" + text.substring(0, Math.min(text.length(), LONGEST)) + "\" is not a JSON number");
        }
    }

    /// By hand: documents hold thousands of numbers, and a regular expression takes longer than all the rest.
    private static boolean matchesGrammar(String text) {
        int at = text.startsWith("-") ? 1 : 0;
        int whole = digits(text, at);
        if (whole == at || (text.charAt(at) == '0' && whole > at + 1)) {
            return false;
        }
        at = whole;
        if (at < text.length() && text.charAt(at) == '.') {
            int fraction = digits(text, at + 1);
            if (fraction == at + 1) {
                return false;
            }
            at = fraction;
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            boolean signed = at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-');
            int start = signed ? at + 1 : at;
            at = digits(text, start);
            if (at == start) {
                return false;
            }
        }
        return at == text.length();
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    public static JsonNumber of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    /// A finite value; NaN and the infinities have no JSON form.
    public static JsonNumber of(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("JSON has no " + value);
        }
        return new JsonNumber(BigDecimal.valueOf(value).toString());
    }

    /// The value as a whole number written without fraction or exponent; anything else is refused.
    public long toLong() {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw Json.fault(text + " is not a whole number of 64 bits", e);
        }
    }

    /// The nearest `double`; a value outside its range is refused.
    public double toDouble() {
        double value = Double.parseDouble(text);
        if (Double.isInfinite(value)) {
            throw Json.fault(text + " is out of the range of a double");
        }
        return value;
    }

    @Override
    public String kind() {
        return "a number";
    }
}
