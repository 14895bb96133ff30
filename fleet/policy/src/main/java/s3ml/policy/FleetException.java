package s3ml.policy;

import org.jspecify.annotations.Nullable;

/// A failure on the operator's side, with a stable code and a message in three parts: what, why, next.
///
/// The fleet has its own type because it may not import the attestation module.
public final class FleetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;

    /// @param code stable and area-numbered: `POL-1xx`, `AGT-1xx` or `CTL-1xx`
    /// @param what what failed
    /// @param why the reason, with its numbers
    /// @param next what the reader can do
    public FleetException(String code, String what, String why, String next) {
        this(code, what, why, next, null);
    }

    /// As the other constructor, with the failure behind this one.
    public FleetException(String code, String what, String why, String next, @Nullable Throwable cause) {
        super(code + ": " + what + ": " + why + "; " + next, cause);
        this.code = code;
    }

    /// The stable code, for example `AGT-101`.
    public String code() {
        return code;
    }
}
