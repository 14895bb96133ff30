package s3ml.attest;

import java.security.cert.CertificateException;
import java.util.Optional;

/// Ends a handshake with a peer whose evidence was rejected. TLS stacks put it among the causes of the failure that the
/// caller gets, so that the caller can say why.
///
/// The message is the code of the first finding only: messages end up where unattested peers can read them.
public final class PeerRejected extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final transient Rejected verdict;

    PeerRejected(Rejected verdict) {
        super(verdict.findings().getFirst().code());
        this.verdict = verdict;
    }

    /// What was found, with expected and actual values.
    public Rejected verdict() {
        return verdict;
    }

    /// The rejection among the causes of a failure, if there is one.
    public static Optional<Rejected> among(Throwable failure) {
        Throwable cause = failure;
        // Chains of causes may be circular; no TLS stack wraps deeper than this.
        for (int i = 0; cause != null && i < 32; i++) {
            if (cause instanceof PeerRejected rejected) {
                return Optional.of(rejected.verdict);
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
