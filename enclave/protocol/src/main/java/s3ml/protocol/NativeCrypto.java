package s3ml.protocol;

import java.security.Provider;
import org.conscrypt.Conscrypt;

/// The Conscrypt provider (BoringSSL) that all cryptography of this package runs on.
///
/// It is passed to every `getInstance` by hand and never registered, so that no other library changes its
/// behaviour by ours. Conscrypt, because its speed does not depend on the JIT compiler: enclaves run with C1
/// only, where the JDK's own AES-GCM is about a hundred times slower.
public final class NativeCrypto {
    private static final Provider PROVIDER = Conscrypt.newProviderBuilder()
            .setName("S3ML-Conscrypt")
            .provideTrustManager(true)
            .build();

    private NativeCrypto() {}

    /// The provider; the same instance each time, safe to share between threads.
    public static Provider provider() {
        return PROVIDER;
    }
}
