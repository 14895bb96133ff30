package s3ml.attest;

import java.util.Locale;
import s3ml.attest.json.JsonNull;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;

/// How far a claim or a whole appraisal is to be trusted (AR4SI trustworthiness tiers, draft-ietf-rats-ar4si).
public enum EarTier {
    NONE,
    AFFIRMING,
    WARNING,
    CONTRAINDICATED;

    /// The tier of a trustworthiness claim's value; values outside the named ranges say nothing.
    public static EarTier of(long claim) {
        if (claim >= 2 && claim <= 31) {
            return AFFIRMING;
        }
        if (claim >= 32 && claim <= 95) {
            return WARNING;
        }
        return claim >= 96 && claim <= 127 ? CONTRAINDICATED : NONE;
    }

    /// As tokens write it.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// From a token: its name, or the lowest value of its range.
    static EarTier read(JsonValue value) throws Malformed {
        if (value instanceof JsonString string) {
            for (EarTier tier : values()) {
                if (tier.text().equals(string.value())) {
                    return tier;
                }
            }
        } else if (value instanceof JsonNumber number) {
            return of(number.toLong());
        }
        throw new Malformed("ear.status is " + (value instanceof JsonNull ? "null" : value.kind()) + " of no tier");
    }
}
