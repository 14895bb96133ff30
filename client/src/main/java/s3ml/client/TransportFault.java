package s3ml.client;

import java.security.cert.CertificateException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;

/// How a call to a replica can fail.
///
/// | code | failure |
/// | --- | --- |
/// | `CLI-120` | the connection was lost or not to be had: another replica may answer |
/// | `CLI-121` | no answer in time |
/// | `CLI-122` | the replica refused the request, with its words |
/// | `CLI-123` | the replica is overloaded |
/// | `CLI-124` | the replica's answer is not of the protocol |
/// | `CLI-125` | the peer proved no key of this service |
/// | `CLI-126` | an answer that is not the enclave's to a sealed request |
/// | `CLI-127` | the replica does not hold the key that the request was sealed to |
final class TransportFault {
    static final String CONNECTION_LOST = "CLI-120";

    private TransportFault() {}

    static boolean anotherReplicaMayAnswer(Throwable failure) {
        return failure instanceof S3mlException known && known.code().equals(CONNECTION_LOST);
    }

    /// Whether we refused the peer's certificate. The JDK also calls a handshake failed in whose middle the peer went
    /// away.
    static boolean foreignCertificate(Throwable failure) {
        return caused(failure, CertificateException.class);
    }

    static boolean caused(Throwable failure, Class<? extends Throwable> kind) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    static S3mlException connectionLost(String peer, String why, @Nullable Throwable cause) {
        return new S3mlException(
                CONNECTION_LOST, "lost the connection to " + peer, why, "check that the service runs there", cause);
    }

    static S3mlException timeout(String peer, Duration timeout, @Nullable Throwable cause) {
        return new S3mlException(
                "CLI-121",
                "no answer from " + peer,
                "waited " + timeout.toMillis() + " ms",
                "allow more time, or ask the service's owner about its load",
                cause);
    }

    static S3mlException refused(String peer, String why, @Nullable Throwable cause) {
        return new S3mlException(
                "CLI-122", peer + " refused the request", why, "compare it with the model's metadata", cause);
    }

    static S3mlException overloaded(String peer, String why, @Nullable Throwable cause) {
        return new S3mlException("CLI-123", peer + " is overloaded", why, "try again later", cause);
    }

    static S3mlException protocol(String peer, String why, @Nullable Throwable cause) {
        return new S3mlException(
                "CLI-124", "cannot read the answer of " + peer, why, "check that the port speaks this protocol", cause);
    }

    static S3mlException notTheService(String peer, @Nullable Throwable cause) {
        return new S3mlException(
                "CLI-125",
                "sent nothing to " + peer,
                "its TLS certificate is not one of this service",
                "check the address; if the service renewed its CA, attest it again",
                cause);
    }

    static S3mlException notTheEnclave(String peer, S3mlException cause) {
        return new S3mlException(
                "CLI-126",
                "refused the answer of " + peer,
                String.valueOf(cause.getMessage()),
                "look at the proxy before the service",
                cause);
    }

    static S3mlException staleKey(String peer, String why) {
        return new S3mlException(
                "CLI-127", peer + " cannot open the request", why, "attest the service again: it has renewed its keys");
    }
}
