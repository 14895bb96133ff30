package s3ml.attest;

import java.util.Arrays;
import java.util.HexFormat;

/// The 64 bytes which an enclave puts into its report, and by which evidence is bound to a key, a nonce or a message.
public final class ReportData {
    /// The length of the field in SGX reports and TD reports, in bytes.
    public static final int BYTES = 64;

    private final byte[] value;

    private ReportData(byte[] value) {
        this.value = value;
    }

    /// The field itself, 64 bytes, copied; any other length is an `IllegalArgumentException`.
    public static ReportData of(byte[] value) {
        if (value.length != BYTES) {
            throw new IllegalArgumentException("report data has 64 bytes, not " + value.length);
        }
        return new ReportData(value.clone());
    }

    /// The digest, followed by 32 zero bytes: the form that every S3ML protocol uses.
    public static ReportData ofDigest(Digest digest) {
        return new ReportData(Arrays.copyOf(digest.bytes(), BYTES));
    }

    /// The 64 bytes, copied.
    public byte[] bytes() {
        return value.clone();
    }

    /// The field in 128 lower-case hexadecimal digits.
    public String hex() {
        return HexFormat.of().formatHex(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ReportData that && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return hex();
    }
}
