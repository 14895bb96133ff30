package s3ml.attest;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Writes the DER elements that a certificate is made of.
final class DerWriter {
    private static final DateTimeFormatter GENERALIZED =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    /// RFC 5280, section 4.1.2.5: dates through 2049 are UTCTime.
    private static final Instant FIRST_GENERALIZED = Instant.parse("2050-01-01T00:00:00Z");

    private DerWriter() {}

    static byte[] element(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            int count = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            out.write(0x80 | count);
            for (int shift = 8 * count - 8; shift >= 0; shift -= 8) {
                out.write(length >>> shift);
            }
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    static byte[] sequence(byte[]... contents) {
        return element(Der.SEQUENCE, contents);
    }

    static byte[] integer(BigInteger value) {
        return element(Der.INTEGER, value.toByteArray());
    }

    static byte[] integer(long value) {
        return integer(BigInteger.valueOf(value));
    }

    static byte[] octets(byte[] value) {
        return element(Der.OCTET_STRING, value);
    }

    static byte[] bits(byte[] value) {
        return element(Der.BIT_STRING, new byte[] {0}, value);
    }

    static byte[] bool(boolean value) {
        return element(Der.BOOLEAN, new byte[] {(byte) (value ? 0xff : 0)});
    }

    /// An object identifier in dotted form, whose first arc is 0, 1 or 2.
    static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.", -1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        arc(out, 40 * Long.parseLong(arcs[0]) + Long.parseLong(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            arc(out, Long.parseLong(arcs[i]));
        }
        return element(Der.OID, out.toByteArray());
    }

    private static void arc(ByteArrayOutputStream out, long arc) {
        int shift = 0;
        while (arc >>> (shift + 7) != 0) {
            shift += 7;
        }
        for (; shift > 0; shift -= 7) {
            out.write(((int) (arc >>> shift) & 0x7f) | 0x80);
        }
        out.write((int) arc & 0x7f);
    }

    static byte[] time(Instant instant) {
        boolean utc = instant.isBefore(FIRST_GENERALIZED);
        String text = (utc ? UTC : GENERALIZED).format(instant);
        return element(utc ? Der.UTC_TIME : Der.GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    /// A name of one common name.
    static byte[] commonName(String name) {
        return sequence(element(
                Der.SET, sequence(oid("2.5.4.3"), element(0x0c, name.getBytes(StandardCharsets.UTF_8)))));
    }

    static byte[] ecdsaWithSha256() {
        return sequence(oid("1.2.840.10045.4.3.2"));
    }

    static byte[] extension(String oid, boolean critical, byte[] value) {
        return critical ? sequence(oid(oid), bool(true), octets(value)) : sequence(oid(oid), octets(value));
    }
}
