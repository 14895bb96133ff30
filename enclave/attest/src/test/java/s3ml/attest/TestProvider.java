package s3ml.attest;

import java.security.Provider;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/// The provider under test: Conscrypt, so that many signatures cost little; the JDK's own where Conscrypt does not
/// load.
final class TestProvider {
    private TestProvider() {}

    static @Nullable Provider fastest() {
        return Conscrypt.isAvailable() ? Conscrypt.newProvider() : null;
    }
}
