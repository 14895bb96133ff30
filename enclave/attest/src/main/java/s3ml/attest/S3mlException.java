package s3ml.attest;

import java.util.Objects;

/// A failure with a stable code and a message in three parts: what failed, why, and what to do next.
///
/// Expected refusals are values, not exceptions. Towards an unattested peer only [#code()] may be
/// shown: the other parts can name policies, files and measurements.
public final class S3mlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;

    /// @param code stable and area-numbered, for example `AECS-204`
    /// @param what what failed, in one clause
    /// @param why the reason, with the numbers that led to it
    /// @param next what the reader can do about it
    public S3mlException(String code, String what, String why, String next) {
        this(code, what, why, next, null);
    }

    /// As the other constructor, with the failure that caused this one (may be null).
    public S3mlException(
            String code, String what, String why, String next, @org.jspecify.annotations.Nullable Throwable cause) {
        super(code + ": " + what + ": " + why + "; " + next, cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /// The stable code, for example `AECS-204`.
    public String code() {
        return code;
    }
}
