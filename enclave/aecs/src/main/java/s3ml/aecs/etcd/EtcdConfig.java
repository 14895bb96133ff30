package s3ml.aecs.etcd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;

/// How to reach an etcd cluster.
///
/// @param endpoints client addresses of the members, `HOST:PORT`, 1 to 16 of them; tried in turn
/// @param prefix comes before every key, so that several AECSs can share one etcd; ASCII, ends with `/`
/// @param callTimeout how long one member has for one call, > 0
/// @param totalTimeout how long an operation may take over all members and tries, ≥ `callTimeout`
/// @param access TLS and password, where the cluster demands them
public record EtcdConfig(
        List<String> endpoints, String prefix, Duration callTimeout, Duration totalTimeout, Optional<Access> access) {
    /// More members than any etcd cluster has.
    private static final int MAX_ENDPOINTS = 16;

    private static final int MAX_PREFIX = 128;
    private static final String SCHEME = "etcd:";
    private static final String DEFAULT_PREFIX = "s3ml/";

    /// A member that a leader election keeps busy answers within a second or two; a stopped one never does.
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

    private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(12);

    public EtcdConfig {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty() || endpoints.size() > MAX_ENDPOINTS) {
            throw invalid(endpoints.size() + " endpoints are given, not 1 to " + MAX_ENDPOINTS);
        }
        for (String endpoint : endpoints) {
            checkEndpoint(endpoint);
        }
        if (!prefix.matches("[A-Za-z0-9._/-]{0," + (MAX_PREFIX - 1) + "}/")) {
            throw invalid("prefix \"" + prefix + "\" is not ASCII letters, digits, \"._-/\" with \"/\" at its end");
        }
        if (!callTimeout.isPositive() || totalTimeout.compareTo(callTimeout) < 0) {
            throw invalid("call timeout " + callTimeout + " and total timeout " + totalTimeout + " do not fit");
        }
    }

    /// Reads `etcd:HOST:PORT[,HOST:PORT...][/PREFIX]`; no TLS, usual timeouts.
    ///
    /// @throws S3mlException `AECS-309` if it is anything else
    public static EtcdConfig parse(String text) {
        if (!text.startsWith(SCHEME)) {
            throw invalid("\"" + text + "\" does not begin with \"" + SCHEME + "\"");
        }
        String rest = text.substring(SCHEME.length());
        int slash = rest.indexOf('/');
        String endpoints = slash < 0 ? rest : rest.substring(0, slash);
        String prefix = slash < 0 || slash == rest.length() - 1 ? DEFAULT_PREFIX : rest.substring(slash + 1);
        return of(List.of(endpoints.split(",", -1)), prefix.endsWith("/") ? prefix : prefix + "/");
    }

    /// A cluster without TLS, with the usual timeouts.
    public static EtcdConfig of(List<String> endpoints, String prefix) {
        return new EtcdConfig(endpoints, prefix, CALL_TIMEOUT, TOTAL_TIMEOUT, Optional.empty());
    }

    /// The same cluster with TLS or a password.
    public EtcdConfig with(Access newAccess) {
        return new EtcdConfig(endpoints, prefix, callTimeout, totalTimeout, Optional.of(newAccess));
    }

    /// The same cluster with other timeouts.
    public EtcdConfig with(Duration newCallTimeout, Duration newTotalTimeout) {
        return new EtcdConfig(endpoints, prefix, newCallTimeout, newTotalTimeout, access);
    }

    private static void checkEndpoint(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        String port = colon < 0 ? "" : endpoint.substring(colon + 1);
        if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535 || endpoint.length() > 260) {
            throw invalid("endpoint \"" + endpoint + "\" is not HOST:PORT");
        }
    }

    static S3mlException invalid(String why) {
        return new S3mlException(
                "AECS-309",
                "cannot use the etcd store as configured",
                why,
                "write \"etcd:HOST:PORT,HOST:PORT/PREFIX\" into the configuration");
    }

    /// What an etcd cluster demands of its clients.
    ///
    /// @param tls certificates, or none for plain text
    /// @param login user and password, or none
    public record Access(Optional<Tls> tls, Optional<Login> login) {}

    /// PEM files: the CA that signs the members' certificates, and this client's own certificate where one is demanded.
    ///
    /// @param certificate with `key`, or neither
    public record Tls(Path ca, Optional<Path> certificate, Optional<Path> key) {
        public Tls {
            if (certificate.isPresent() != key.isPresent()) {
                throw invalid("a client certificate is given without its key, or a key without its certificate");
            }
        }
    }

    /// An etcd user.
    public record Login(String user, SecretBytes password) {}
}
