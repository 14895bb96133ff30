package s3ml.attest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// Reads PEM (RFC 7468): what stands between and behind the blocks is passed over, as every reader of it does; line
/// ends may be LF or CRLF; anything but base64 within a block is refused.
final class Pem {
    private static final int MOST_BLOCKS = 8;

    private Pem() {}

    /// The certificates of a chain, in the order in which they are written.
    static List<PkiCertificate> certificates(byte[] pem, int from, int to) throws Malformed {
        List<PkiCertificate> certificates = new ArrayList<>(3);
        for (byte[] der : blocks(pem, from, to, "CERTIFICATE")) {
            certificates.add(PkiCertificate.parse(der));
        }
        return certificates;
    }

    /// The content of the only block.
    static byte[] single(byte[] pem, String label) throws Malformed {
        List<byte[]> blocks = blocks(pem, 0, pem.length, label);
        if (blocks.size() != 1) {
            throw new Malformed("one PEM block of " + label + " expected, not " + blocks.size());
        }
        return blocks.getFirst();
    }

    static List<byte[]> blocks(byte[] pem, int from, int to, String label) throws Malformed {
        byte[] begin = ascii("-----BEGIN " + label + "-----");
        byte[] finish = ascii("-----END " + label + "-----");
        List<byte[]> blocks = new ArrayList<>(3);
        int at = from;
        while (true) {
            int start = indexOf(pem, at, to, begin);
            if (start < 0) {
                return blocks;
            }
            int content = start + begin.length;
            int stop = indexOf(pem, content, to, finish);
            if (stop < 0) {
                throw new Malformed("a PEM block has no end");
            }
            if (blocks.size() == MOST_BLOCKS) {
                throw new Malformed("more than " + MOST_BLOCKS + " PEM blocks");
            }
            blocks.add(decode(pem, content, stop));
            at = stop + finish.length;
        }
    }

    private static byte[] decode(byte[] pem, int from, int to) throws Malformed {
        byte[] compact = new byte[to - from];
        int count = 0;
        int run = from;
        for (int i = from; i < to; i++) {
            byte b = pem[i];
            if (b <= ' ' && (b == '\n' || b == '\r' || b == ' ' || b == '\t')) {
                System.arraycopy(pem, run, compact, count, i - run);
                count += i - run;
                run = i + 1;
            }
        }
        System.arraycopy(pem, run, compact, count, to - run);
        count += to - run;
        try {
            return Base64.getDecoder().decode(Arrays.copyOf(compact, count));
        } catch (IllegalArgumentException e) {
            throw new Malformed("a PEM block is not base64");
        }
    }

    private static int indexOf(byte[] in, int from, int to, byte[] what) {
        for (int i = from; i <= to - what.length; i++) {
            if (in[i] == '-' && Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
