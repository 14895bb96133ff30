package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// A cursor over DER (X.690): definite, minimal lengths and tags of one byte only, which is all that certificates,
/// revocation lists and SGX extensions use. Never copies, never allocates by a length it was told. Not thread-safe.
final class Der {
    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int OID = 0x06;
    static final int ENUMERATED = 0x0a;
    static final int UTC_TIME = 0x17;
    static final int GENERALIZED_TIME = 0x18;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;

    private final byte[] bytes;
    private final int end;
    private int at;

    Der(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    static Der of(byte[] bytes) {
        return new Der(bytes, 0, bytes.length);
    }

    boolean atEnd() {
        return at == end;
    }

    int position() {
        return at;
    }

    int end() {
        return end;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return end - at;
    }

    boolean nextIs(int tag) {
        return at < end && (bytes[at] & 0xff) == tag;
    }

    /// The content of the next element, which must have this tag; the cursor moves behind it.
    Der enter(int tag) throws Malformed {
        if (!nextIs(tag)) {
            throw new Malformed(
                    atEnd()
                            ? "a DER element is missing"
                            : "DER tag " + tag + " expected, not " + (bytes[at] & 0xff) + " at byte " + at);
        }
        return enterAny();
    }

    Der enterAny() throws Malformed {
        if (end - at < 2 || (bytes[at] & 0x1f) == 0x1f) {
            throw new Malformed("a DER element is cut off or has a long tag at byte " + at);
        }
        int length = bytes[at + 1] & 0xff;
        int content = at + 2;
        if (length >= 0x80) {
            int count = length & 0x7f;
            if (count < 1 || count > 3 || end - content < count) {
                throw new Malformed("a DER length is indefinite, too long or cut off at byte " + at);
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = length << 8 | (bytes[content + i] & 0xff);
            }
            content += count;
            if (length < 0x80 || length >>> (8 * (count - 1)) == 0) {
                throw new Malformed("a DER length is not minimal at byte " + at);
            }
        }
        if (length > end - content) {
            throw new Malformed("a DER element reaches beyond its parent at byte " + at);
        }
        at = content + length;
        return new Der(bytes, content, at);
    }

    void skip() throws Malformed {
        enterAny();
    }

    /// The next element, with tag and length, as a view.
    ByteView element(int tag) throws Malformed {
        int from = at;
        enter(tag);
        return new ByteView(bytes, from, at - from);
    }

    void requireEnd() throws Malformed {
        if (!atEnd()) {
            throw new Malformed((end - at) + " bytes follow the last DER element");
        }
    }

    ByteView rest() {
        return new ByteView(bytes, at, end - at);
    }

    /// The content of an INTEGER that is not negative, without the leading zero that keeps it so.
    ByteView unsigned() throws Malformed {
        Der content = enter(INTEGER);
        if (content.atEnd() || bytes[content.at] < 0) {
            throw new Malformed("a DER integer is empty or negative");
        }
        if (bytes[content.at] == 0 && content.length() > 1) {
            if (bytes[content.at + 1] >= 0) {
                throw new Malformed("a DER integer is not minimal");
            }
            content.at++;
        }
        return content.rest();
    }

    /// An INTEGER (or an element of another tag with an integer's content) from 0 to `most`.
    int number(int tag, int most) throws Malformed {
        Der content = enter(tag);
        if (content.atEnd() || content.length() > 4 || bytes[content.at] < 0) {
            throw new Malformed("a DER integer is empty, negative or too large");
        }
        if (bytes[content.at] == 0 && content.length() > 1 && bytes[content.at + 1] >= 0) {
            throw new Malformed("a DER integer is not minimal");
        }
        int value = 0;
        while (!content.atEnd()) {
            value = value << 8 | (bytes[content.at++] & 0xff);
        }
        if (value > most) {
            throw new Malformed("a DER integer is " + value + ", above " + most);
        }
        return value;
    }

    boolean bool() throws Malformed {
        Der content = enter(BOOLEAN);
        if (content.length() != 1 || (bytes[content.at] != 0 && bytes[content.at] != -1)) {
            throw new Malformed("a DER boolean is neither true nor false");
        }
        return bytes[content.at] != 0;
    }

    byte[] octets(int count) throws Malformed {
        Der content = enter(OCTET_STRING);
        if (content.length() != count) {
            throw new Malformed("an octet string has " + content.length() + " bytes, not " + count);
        }
        return content.rest().copy();
    }

    /// The bytes of a BIT STRING without unused bits.
    ByteView bits() throws Malformed {
        Der content = enter(BIT_STRING);
        if (content.atEnd() || bytes[content.at] != 0) {
            throw new Malformed("a bit string is empty or has unused bits");
        }
        content.at++;
        return content.rest();
    }

    boolean oidIs(byte[] oid) throws Malformed {
        return enter(OID).rest().contentEquals(oid);
    }

    /// A UTCTime or GeneralizedTime in the forms of RFC 5280, section 4.1.2.5, as seconds since 1970.
    long time() throws Malformed {
        boolean utc = nextIs(UTC_TIME);
        Der content = enter(utc ? UTC_TIME : GENERALIZED_TIME);
        int digits = utc ? 12 : 14;
        if (content.length() != digits + 1 || bytes[content.end - 1] != 'Z') {
            throw new Malformed("a time is not written as RFC 5280 demands");
        }
        int year = utc ? content.decimal(2) : content.decimal(4);
        if (utc) {
            year += year < 50 ? 2000 : 1900;
        }
        try {
            return LocalDateTime.of(
                            year,
                            content.decimal(2),
                            content.decimal(2),
                            content.decimal(2),
                            content.decimal(2),
                            content.decimal(2))
                    .toEpochSecond(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new Malformed("a time has a field out of range");
        }
    }

    private int decimal(int digits) throws Malformed {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = bytes[at++] - '0';
            if (digit < 0 || digit > 9) {
                throw new Malformed("a time has something else than digits");
            }
            value = 10 * value + digit;
        }
        return value;
    }

    /// A string of any of the kinds that occur in names.
    String text() throws Malformed {
        Der content = enterAny();
        return new String(bytes, content.at, content.length(), StandardCharsets.UTF_8);
    }

    /// Bytes written as numbers from 0 to 255: an encoded OID, for example.
    static byte[] octetsOf(int... values) {
        byte[] octets = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            octets[i] = (byte) values[i];
        }
        return octets;
    }
}
