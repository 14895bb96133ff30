package s3ml.attest;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Function;

/// Bytes that must not be printed, logged or left behind: keys and what they are derived from.
///
/// The content is reached through [#expose(Function)] only, so that a search for that name lists every use.
/// Equality takes the same time wherever the contents differ. [#close()] zeroes the content; using it afterwards is an
/// `IllegalStateException`. Safe for use by several threads, as long as none closes it while another exposes it.
public final class SecretBytes implements AutoCloseable {
    private final byte[] value;
    private volatile boolean closed;

    private SecretBytes(byte[] value) {
        this.value = value;
    }

    /// A secret with a copy of `value`; the caller zeroes its own array.
    public static SecretBytes copyOf(byte[] value) {
        return new SecretBytes(value.clone());
    }

    /// A secret that owns `value` itself: the caller must not use the array any more.
    public static SecretBytes takeOver(byte[] value) {
        return new SecretBytes(value);
    }

    /// The number of bytes.
    public int length() {
        return value.length;
    }

    /// Calls `use` with the content itself, not a copy; `use` must neither keep nor change it.
    public <T> T expose(Function<byte[], T> use) {
        if (closed) {
            throw new IllegalStateException("the secret was closed");
        }
        return use.apply(value);
    }

    /// Zeroes the content. Closing twice does nothing more.
    @Override
    public void close() {
        closed = true;
        Arrays.fill(value, (byte) 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretBytes that && !closed && !that.closed && MessageDigest.isEqual(value, that.value);
    }

    /// The length only: a hash of the content would tell something about it.
    @Override
    public int hashCode() {
        return value.length;
    }

    @Override
    public String toString() {
        return "SecretBytes[" + value.length + " bytes]";
    }
}
