package s3ml.aecs.release;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import s3ml.aecs.Refusals;
import s3ml.protocol.NativeCrypto;

/// Makes challenges and accepts each once, within its lifetime.
///
/// A nonce carries its expiry and a MAC under a key of this process, so that nothing is stored for challenges which
/// nobody answers: asking for many costs the AECS no memory. Only nonces of accepted requests are remembered, until
/// they expire. A nonce is good at the replica that made it, nowhere else. Thread-safe.
public final class Nonces {
    /// 8 bytes expiry, 8 random, 16 of the MAC.
    public static final int BYTES = 32;

    private static final int RANDOM_BYTES = 8;
    private static final int MAC_BYTES = 16;
    /// Accepted requests within one lifetime; far above what one AECS can appraise in that time.
    private static final int MAX_USED = 200_000;

    private final SecretKeySpec key;
    private final SecureRandom random;
    private final InstantSource clock;
    private final Duration lifetime;
    private final Map<ByteBuffer, Long> used = new LinkedHashMap<>();

    public Nonces(SecureRandom random, InstantSource clock, Duration lifetime) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, "HmacSHA256");
        this.random = random;
        this.clock = clock;
        this.lifetime = lifetime;
    }

    /// A fresh nonce.
    public byte[] issue() {
        byte[] unique = new byte[RANDOM_BYTES];
        random.nextBytes(unique);
        byte[] head = ByteBuffer.allocate(Long.BYTES + RANDOM_BYTES)
                .putLong(clock.millis() + lifetime.toMillis())
                .put(unique)
                .array();
        return ByteBuffer.allocate(BYTES).put(head).put(mac(head)).array();
    }

    /// When a nonce of this process expires, in Unix milliseconds.
    public static long expiry(byte[] nonce) {
        return ByteBuffer.wrap(nonce).getLong();
    }

    /// Refuses (`AECS-201`) a nonce that is not ours, has expired or was used; does not use it up.
    public void check(byte[] nonce) {
        if (!isLive(nonce)) {
            throw Refusals.nonce();
        }
        synchronized (used) {
            if (used.containsKey(ByteBuffer.wrap(nonce))) {
                throw Refusals.nonce();
            }
        }
    }

    /// Uses the nonce up, or refuses it as [#check] does.
    public void use(byte[] nonce) {
        check(nonce);
        synchronized (used) {
            forgetExpired();
            if (used.size() >= MAX_USED) {
                throw Refusals.tooMany("this AECS accepted " + MAX_USED + " requests within " + lifetime);
            }
            if (used.put(ByteBuffer.wrap(nonce.clone()), expiry(nonce)) != null) {
                throw Refusals.nonce();
            }
        }
    }

    private boolean isLive(byte[] nonce) {
        if (nonce.length != BYTES) {
            return false;
        }
        byte[] head = Arrays.copyOf(nonce, Long.BYTES + RANDOM_BYTES);
        byte[] tag = Arrays.copyOfRange(nonce, head.length, BYTES);
        return MessageDigest.isEqual(mac(head), tag) && expiry(nonce) >= clock.millis();
    }

    private void forgetExpired() {
        long now = clock.millis();
        Iterator<Long> expiries = used.values().iterator();
        // In the order of use; a few that expire earlier wait behind one that expires later.
        while (expiries.hasNext() && expiries.next() < now) {
            expiries.remove();
        }
    }

    private byte[] mac(byte[] head) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256", NativeCrypto.provider());
            mac.init(key);
            return Arrays.copyOf(mac.doFinal(head), MAC_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has no HMAC-SHA256", e);
        }
    }
}
