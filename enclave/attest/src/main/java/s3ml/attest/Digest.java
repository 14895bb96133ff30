package s3ml.attest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A SHA-256 value: 32 bytes, compared by content.
public final class Digest {
    /// The length of a SHA-256 value in bytes.
    public static final int BYTES = 32;

    private final byte[] value;

    private Digest(byte[] value) {
        this.value = value;
    }

    /// The SHA-256 of `content`.
    public static Digest of(byte[] content) {
        return new Digest(sha256().digest(content));
    }

    /// The value itself, 32 bytes, copied; any other length is an `IllegalArgumentException`.
    public static Digest ofBytes(byte[] value) {
        if (value.length != BYTES) {
            throw new IllegalArgumentException("a SHA-256 digest has 32 bytes, not " + value.length);
        }
        return new Digest(value.clone());
    }

    /// Reads 64 hexadecimal digits of either case; anything else is an `IllegalArgumentException`.
    public static Digest parse(String hex) {
        if (hex.length() != 2 * BYTES) {
            throw new IllegalArgumentException("a SHA-256 digest has 64 hexadecimal digits, not " + hex.length());
        }
        return new Digest(HexFormat.of().parseHex(hex));
    }

    /// The value, copied.
    public byte[] bytes() {
        return value.clone();
    }

    /// The value in 64 lower-case hexadecimal digits.
    public String hex() {
        return HexFormat.of().formatHex(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest that && MessageDigest.isEqual(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return hex();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }
}
