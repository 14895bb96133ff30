package s3ml.sim.platform;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Writes the few ASN.1 types in DER (ITU-T X.690) that certificates, CRLs and Intel's SGX extension are made of.
final class Der {
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Der() {}

    static byte[] sequence(byte[]... members) {
        return tagged(0x30, concat(members));
    }

    static byte[] set(byte[] member) {
        return tagged(0x31, member);
    }

    static byte[] integer(BigInteger value) {
        return tagged(0x02, value.toByteArray());
    }

    static byte[] integer(long value) {
        return integer(BigInteger.valueOf(value));
    }

    static byte[] enumerated(int value) {
        return tagged(0x0a, BigInteger.valueOf(value).toByteArray());
    }

    static byte[] bool(boolean value) {
        return tagged(0x01, new byte[] {(byte) (value ? 0xff : 0)});
    }

    static byte[] octets(byte[] content) {
        return tagged(0x04, content);
    }

    static byte[] utf8(String text) {
        return tagged(0x0c, text.getBytes(StandardCharsets.UTF_8));
    }

    /// A bit string of whole bytes.
    static byte[] bits(byte[] content) {
        return tagged(0x03, concat(new byte[1], content));
    }

    /// A bit string of the named bits of one byte, most significant first, without its trailing zero bits (X.690,
    /// 11.2.2).
    static byte[] namedBits(int firstByte) {
        return tagged(0x03, new byte[] {(byte) Integer.numberOfTrailingZeros(firstByte), (byte) firstByte});
    }

    static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.", -1);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            long arc = Long.parseLong(arcs[i]);
            int groups = Math.max(1, (64 - Long.numberOfLeadingZeros(arc) + 6) / 7);
            for (int group = groups - 1; group >= 0; group--) {
                content.write((int) (arc >>> (7 * group) & 0x7f) | (group > 0 ? 0x80 : 0));
            }
        }
        return tagged(0x06, content.toByteArray());
    }

    /// UTCTime before 2050, GeneralizedTime from then on (RFC 5280, 4.1.2.5).
    static byte[] time(Instant time) {
        boolean early = time.atZone(ZoneOffset.UTC).getYear() < 2050;
        String text = (early ? UTC_TIME : GENERALIZED_TIME).format(time);
        return tagged(early ? 0x17 : 0x18, text.getBytes(StandardCharsets.US_ASCII));
    }

    /// Context-specific constructed tag, explicit.
    static byte[] explicit(int number, byte[] content) {
        return tagged(0xa0 | number, content);
    }

    /// Context-specific primitive tag, implicit.
    static byte[] implicit(int number, byte[] content) {
        return tagged(0x80 | number, content);
    }

    static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 6);
        out.write(tag);
        int length = content.length;
        if (length < 0x80) {
            out.write(length);
        } else {
            int bytes = (32 - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(length >>> (8 * i));
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
