package s3ml.sim.enclave;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;

/// One message between an enclave and its loader: a length (four bytes, big-endian), a byte that says what it is,
/// content.
public final class Frame {
    /// From the enclave: the one-time token; answered with [#DONE].
    public static final int HELLO = 1;

    /// From the enclave: 64 bytes of report data; answered with a quote.
    public static final int QUOTE = 2;

    /// From the enclave: a context; answered with the key of this enclave, 32 bytes.
    public static final int KEY_OF_ENCLAVE = 3;

    /// From the enclave: a context; answered with the key of this enclave's signer, 32 bytes.
    public static final int KEY_OF_SIGNER = 4;

    /// From the loader: granted; the content is what was asked for.
    public static final int DONE = 0;

    /// From the loader: refused; the content is the reason as text.
    public static final int REFUSED = 0x7f;

    /// A quote takes less than 8 KiB, a context at most 4.
    static final int MAX_CONTENT = 1 << 16;

    private final int kind;
    private final byte[] content;

    private Frame(int kind, byte[] content) {
        this.kind = kind;
        this.content = content;
    }

    /// Takes the array over.
    public static Frame of(int kind, byte[] content) {
        return new Frame(kind, content);
    }

    /// Reads one.
    ///
    /// @throws EOFException where the other side has closed
    /// @throws IOException if its length is out of range
    public static Frame read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 1 || length > MAX_CONTENT) {
            throw new IOException("frame of " + length + " bytes; 1 to " + MAX_CONTENT + " are allowed");
        }
        int kind = in.readUnsignedByte();
        byte[] content = in.readNBytes(length - 1);
        if (content.length != length - 1) {
            throw new EOFException("frame cut short");
        }
        return new Frame(kind, content);
    }

    public void write(DataOutputStream out) throws IOException {
        out.writeInt(content.length + 1);
        out.writeByte(kind);
        out.write(content);
        out.flush();
    }

    public int kind() {
        return kind;
    }

    /// The content itself, not a copy.
    public byte[] content() {
        return content;
    }
}
