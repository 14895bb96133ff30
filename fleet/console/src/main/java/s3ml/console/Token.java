package s3ml.console;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The one thing that opens the console, and the sessions that it gives out. Thread-safe.
///
/// A session is its end and a MAC under a key made from the token, so none is stored: sessions outlive a restart with
/// the same token, and end all at once with another token.
final class Token {
    /// Of a session: a working day, so that nobody signs in twice on one.
    static final Duration SESSION = Duration.ofHours(12);

    /// Guessing must be hopeless even without the limit on tries.
    static final int SHORTEST = 20;

    private static final int RANDOM_BYTES = 32;
    private static final int MAC_BYTES = 32;

    private final byte[] digest;
    private final SecretKeySpec key;

    private Token(byte[] digest, SecretKeySpec key) {
        this.digest = digest;
        this.key = key;
    }

    /// @param text at least [#SHORTEST] characters
    static Token of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Token(
                sha256(bytes),
                new SecretKeySpec(
                        mac(
                                new SecretKeySpec(bytes, "HmacSHA256"),
                                "s3ml console session v1".getBytes(StandardCharsets.UTF_8)),
                        "HmacSHA256"));
    }

    /// A new token, as text.
    static String generate(SecureRandom random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// Whether this is the token; takes the same time for each wrong one.
    boolean matches(String offered) {
        return MessageDigest.isEqual(digest, sha256(offered.getBytes(StandardCharsets.UTF_8)));
    }

    String newSession(Instant now) {
        byte[] end = ByteBuffer.allocate(Long.BYTES)
                .putLong(now.plus(SESSION).getEpochSecond())
                .array();
        byte[] tag = mac(key, end);
        byte[] session =
                ByteBuffer.allocate(Long.BYTES + MAC_BYTES).put(end).put(tag).array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(session);
    }

    boolean isSession(String offered, Instant now) {
        byte[] session;
        try {
            session = Base64.getUrlDecoder().decode(offered);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
        if (session.length != Long.BYTES + MAC_BYTES) {
            return false;
        }
        byte[] end = Arrays.copyOf(session, Long.BYTES);
        byte[] tag = Arrays.copyOfRange(session, Long.BYTES, session.length);
        return MessageDigest.isEqual(mac(key, end), tag) && ByteBuffer.wrap(end).getLong() > now.getEpochSecond();
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }

    private static byte[] mac(SecretKeySpec key, byte[] content) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(content);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has HmacSHA256", missing);
        }
    }
}
