package s3ml.server.access;

import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import s3ml.protocol.access.AccessRules;
import s3ml.protocol.access.Caller;
import s3ml.protocol.access.Right;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;

/// Finds out who calls, by the rules of the present lease. Thread-safe.
public final class Gate {
    /// Longer ones are nobody's token, and need not be hashed.
    private static final int LONGEST_HEADER = 4096;

    private static final String SCHEME = "bearer ";

    private final InstantSource clock;
    private volatile AccessRules rules;

    public Gate(AccessRules rules, InstantSource clock) {
        this.rules = rules;
        this.clock = clock;
    }

    /// Other rules from now on, for connections that are open as well.
    public void renew(AccessRules renewed) {
        rules = renewed;
    }

    /// Who calls: by a token if one is shown, else by the connection's certificate.
    ///
    /// @param authorization the header; null without one
    /// @param session asked only when rules know certificates; gives null for a connection without TLS
    /// @throws RequestRefused for a token that nobody has
    public Caller identify(@Nullable String authorization, Supplier<@Nullable SSLSession> session) {
        AccessRules now = rules;
        if (authorization != null) {
            return byToken(now, authorization);
        }
        if (now.authorities().isEmpty()) {
            return now.anonymous();
        }
        return certificate(session.get())
                .flatMap(certificate -> now.byCertificate(certificate, clock.instant()))
                .orElse(now.anonymous());
    }

    private static Caller byToken(AccessRules rules, String authorization) {
        boolean bearer = authorization.length() <= LONGEST_HEADER
                && authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME);
        if (!bearer) {
            throw new RequestRefused(Fault.UNAUTHENTICATED, "the authorization is no bearer token");
        }
        return rules.byToken(authorization.substring(SCHEME.length()).trim())
                .orElseThrow(() -> new RequestRefused(Fault.UNAUTHENTICATED, "nobody here has this token"));
    }

    private static Optional<X509Certificate> certificate(@Nullable SSLSession session) {
        if (session == null) {
            return Optional.empty();
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? Optional.of(leaf) : Optional.empty();
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }

    /// Refuses a caller who may not: as unknown when they showed nothing, else as forbidden.
    public static void require(Caller caller, Right right, String model) {
        if (caller.may(right, model)) {
            return;
        }
        String what = right == Right.CONTROL ? "load or unload" : "use";
        if (caller.proven()) {
            throw new RequestRefused(Fault.FORBIDDEN, "you may not " + what + " model " + RequestRefused.quoted(model));
        }
        throw new RequestRefused(
                Fault.UNAUTHENTICATED,
                "to " + what + " model " + RequestRefused.quoted(model)
                        + " show a token or a certificate that the service's access rules name");
    }
}
