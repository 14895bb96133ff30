package s3ml.attest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// The part of CBOR (RFC 8949) that attestation certificates use: whole numbers, byte and text strings, arrays, maps
/// and tags, with definite lengths in their shortest form. A cursor over one item after the other. Not thread-safe.
final class Cbor {
    static final int UNSIGNED = 0;
    static final int BYTES = 2;
    static final int TEXT = 3;
    static final int ARRAY = 4;
    static final int MAP = 5;
    static final int TAG = 6;

    private static final int DEEPEST = 8;

    private final byte[] bytes;
    private final int end;
    private int at;

    Cbor(ByteView view) {
        this.bytes = view.array();
        this.at = view.from();
        this.end = view.from() + view.length();
    }

    static Cbor of(byte[] bytes) {
        return new Cbor(ByteView.of(bytes));
    }

    /// The argument of the next item, which must be of `major` type: a value, a length, a count or a tag.
    long head(int major) throws Malformed {
        if (at == end) {
            throw new Malformed("a CBOR item is missing");
        }
        int initial = bytes[at] & 0xff;
        if (initial >>> 5 != major) {
            throw new Malformed("CBOR major type " + major + " expected, not " + (initial >>> 5) + " at byte " + at);
        }
        at++;
        int info = initial & 0x1f;
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw new Malformed("a CBOR length is indefinite or reserved at byte " + (at - 1));
        }
        int count = 1 << (info - 24);
        if (end - at < count) {
            throw new Malformed("a CBOR item is cut off");
        }
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | (bytes[at++] & 0xff);
        }
        long least = count == 1 ? 24 : 1L << (4 * count);
        if (value < 0 || value < least) {
            throw new Malformed("a CBOR number is too large or not in its shortest form");
        }
        return value;
    }

    /// The next item as a byte string.
    ByteView byteString() throws Malformed {
        return string(BYTES);
    }

    /// The next item as a text string.
    String text() throws Malformed {
        ByteView view = string(TEXT);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(view.array(), view.from(), view.length()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("a CBOR text is not UTF-8");
        }
    }

    private ByteView string(int major) throws Malformed {
        long length = head(major);
        if (length > end - at) {
            throw new Malformed("a CBOR string is cut off");
        }
        ByteView view = new ByteView(bytes, at, (int) length);
        at += (int) length;
        return view;
    }

    /// Passes over the next item, whatever of the known kinds it is.
    void skip() throws Malformed {
        skip(0);
    }

    private void skip(int depth) throws Malformed {
        if (depth > DEEPEST || at == end) {
            throw new Malformed("a CBOR item is missing or nested too deep");
        }
        int major = (bytes[at] & 0xff) >>> 5;
        switch (major) {
            case BYTES, TEXT -> string(major);
            case ARRAY, MAP -> {
                long count = head(major);
                if (count > end - at) {
                    throw new Malformed("a CBOR array or map is cut off");
                }
                for (long i = 0; i < (major == MAP ? 2 * count : count); i++) {
                    skip(depth + 1);
                }
            }
            case TAG -> {
                head(TAG);
                skip(depth + 1);
            }
            default -> head(major);
        }
    }

    void requireEnd() throws Malformed {
        if (at != end) {
            throw new Malformed((end - at) + " bytes follow the CBOR item");
        }
    }

    /// Writes an item's head in its shortest form.
    static void head(ByteArrayOutputStream out, int major, long argument) {
        int initial = major << 5;
        if (argument < 24) {
            out.write(initial | (int) argument);
            return;
        }
        int size = argument < 1L << 8 ? 0 : argument < 1L << 16 ? 1 : argument < 1L << 32 ? 2 : 3;
        out.write(initial | 24 + size);
        for (int shift = 8 * (1 << size) - 8; shift >= 0; shift -= 8) {
            out.write((int) (argument >>> shift));
        }
    }

    static void byteString(ByteArrayOutputStream out, byte[] value) {
        head(out, BYTES, value.length);
        out.writeBytes(value);
    }

    static void text(ByteArrayOutputStream out, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        head(out, TEXT, utf8.length);
        out.writeBytes(utf8);
    }
}
