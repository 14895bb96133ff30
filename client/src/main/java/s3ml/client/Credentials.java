package s3ml.client;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// What a client shows of itself to a service that has access rules. Shown to replicas of the attested service only: in
/// TLS that ends in the enclave, or inside sealed bodies; never to a proxy.
public final class Credentials {
    /// Shows nothing.
    public static final Credentials NONE = new Credentials("", null, List.of());

    private final String token;
    private final @Nullable PrivateKey key;
    private final List<X509Certificate> chain;

    private Credentials(String token, @Nullable PrivateKey key, List<X509Certificate> chain) {
        this.token = token;
        this.key = key;
        this.chain = List.copyOf(chain);
    }

    /// A bearer token, as `s3ml service access token` makes it.
    public static Credentials token(String token) {
        boolean printable = !token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (!printable) {
            throw new IllegalArgumentException("a token is printable ASCII without spaces");
        }
        return new Credentials(token, null, List.of());
    }

    /// A certificate under one of the service's client authorities; of no use through proxies that end TLS.
    ///
    /// @param chain the client's own certificate first
    public static Credentials certificate(PrivateKey key, List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain must begin with the client's certificate");
        }
        return new Credentials("", Objects.requireNonNull(key, "key"), chain);
    }

    /// The value of the header `Authorization`; empty for none.
    String authorization() {
        return token.isEmpty() ? "" : "Bearer " + token;
    }

    /// For the handshake; empty if no certificate is shown.
    Optional<X509ExtendedKeyManager> keyManager() {
        return key == null ? Optional.empty() : Optional.of(new OneKey(key, chain));
    }

    @Override
    public String toString() {
        return key == null ? (token.isEmpty() ? "nothing" : "a token") : "a certificate";
    }

    /// Shows the one certificate to every peer; the peer itself is checked before.
    private static final class OneKey extends X509ExtendedKeyManager {
        private static final String ALIAS = "client";

        private final PrivateKey key;
        private final List<X509Certificate> chain;

        OneKey(PrivateKey key, List<X509Certificate> chain) {
            this.key = key;
            this.chain = chain;
        }

        private static boolean takes(String[] keyTypes, PrivateKey key) {
            for (String type : keyTypes) {
                if (type.equals(key.getAlgorithm()) || type.startsWith(key.getAlgorithm() + "_")) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return takes(keyTypes, key) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return takes(keyTypes, key) ? ALIAS : null;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
            return ALIAS.equals(alias) ? chain.toArray(new X509Certificate[0]) : null;
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
            return ALIAS.equals(alias) ? key : null;
        }
    }
}
