package s3ml.server.engine;

import java.util.Optional;
import s3ml.attest.Digest;
import s3ml.protocol.trace.TraceParent;

/// How a request wants to be treated.
///
/// @param priority 1 is served first
/// @param deadlineNanos [System#nanoTime()] after which nobody waits for the answer
/// @param receiptSalt asks for a receipt
/// @param affinity requests of the same text get the same version of a model while its canary's weights stay; may be
/// empty
/// @param trace the caller's, if it hands one on
public record Terms(
        int priority, long deadlineNanos, Optional<Digest> receiptSalt, String affinity, Optional<TraceParent> trace) {
    /// The header that carries [#affinity()].
    public static final String AFFINITY_HEADER = "s3ml-affinity";

    /// What a protocol says beside the parameters of a request.
    ///
    /// @param affinity may be empty
    public record Circumstances(String affinity, Optional<TraceParent> trace) {
        /// Longer ones are cut: what decides is their digest.
        private static final int LONGEST = 256;

        public static final Circumstances NONE = new Circumstances("", Optional.empty());

        public Circumstances {
            affinity = affinity.substring(0, Math.min(affinity.length(), LONGEST));
        }
    }

    /// As a request's parameters say.
    ///
    /// @param now [System#nanoTime()]
    public static Terms of(Parameters parameters, Circumstances circumstances, long now) {
        return new Terms(
                parameters.priority(),
                parameters.deadline(now),
                parameters.receiptSalt(),
                circumstances.affinity(),
                circumstances.trace());
    }

    /// The same, but nobody waits longer than until `latest`.
    public Terms until(long latest) {
        return deadlineNanos - latest > 0 ? new Terms(priority, latest, receiptSalt, affinity, trace) : this;
    }
}
