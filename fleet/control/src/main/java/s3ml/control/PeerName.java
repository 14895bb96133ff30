package s3ml.control;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// Who calls: the common name of the peer's certificate, which TLS has checked.
final class PeerName implements ServerInterceptor {
    private static final Context.Key<String> KEY = Context.key("peer");

    /// The caller's name in a call that passed this interceptor; empty for a certificate without one.
    static String current() {
        String name = KEY.get();
        return name == null ? "" : name;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        String name = session == null ? "" : commonName(session);
        return Contexts.interceptCall(Context.current().withValue(KEY, name), call, headers, next);
    }

    private static String commonName(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain.length > 0 && chain[0] instanceof X509Certificate certificate) {
                LdapName subject =
                        new LdapName(certificate.getSubjectX500Principal().getName());
                for (Rdn part : subject.getRdns()) {
                    if (part.getType().equalsIgnoreCase("CN")) {
                        return String.valueOf(part.getValue());
                    }
                }
            }
            return "";
        } catch (SSLPeerUnverifiedException | InvalidNameException nameless) {
            return "";
        }
    }
}
