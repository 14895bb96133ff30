package s3ml.protocol.log;

import s3ml.wire.aecs.LogHead;

/// What a check of the transparency log found.
public sealed interface LogVerdict {
    /// Everything fits; `head` is signed by the AECS identity.
    record Proven(LogHead head) implements LogVerdict {}

    /// Something does not.
    ///
    /// @param code as [LogVerifier] lists them
    /// @param why with the numbers that tell it
    record NotProven(String code, String why) implements LogVerdict {}

    /// Whether everything fits.
    default boolean isProven() {
        return this instanceof Proven;
    }
}
