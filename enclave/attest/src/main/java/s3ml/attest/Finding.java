package s3ml.attest;

import java.util.Objects;

/// One reason why evidence is refused: the check that failed, on what, and what it wanted to see.
///
/// For the admin: towards an unattested peer only the code may be shown.
///
/// @param code stable, for example `ATT-134`; [Check] lists them all
/// @param claim the item that was judged, for example `quote.body.mrEnclave`
/// @param expected what would have passed, in words or hexadecimal digits
/// @param actual what was found, in words or hexadecimal digits; never longer than a few hundred characters
public record Finding(String code, String claim, String expected, String actual) {
    public Finding {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(claim, "claim");
        Objects.requireNonNull(expected, "expected");
        Objects.requireNonNull(actual, "actual");
    }

    Finding(Check check, String claim, String expected, String actual) {
        this(check.code(), claim, expected, actual);
    }

    @Override
    public String toString() {
        return code + " " + claim + ": expected " + expected + ", found " + actual;
    }
}
