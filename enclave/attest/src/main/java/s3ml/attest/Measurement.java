package s3ml.attest;

import java.util.Arrays;
import java.util.HexFormat;

/// A register that names code or its signer: 32 bytes for SGX (MRENCLAVE, MRSIGNER), 48 for TDX (MRTD, RTMRs, MRSEAM).
/// Compared by content.
public final class Measurement {
    /// SGX registers are SHA-256 values.
    public static final int SGX_BYTES = 32;

    /// TDX registers are SHA-384 values.
    public static final int TDX_BYTES = 48;

    private final byte[] value;

    private Measurement(byte[] value) {
        if (value.length != SGX_BYTES && value.length != TDX_BYTES) {
            throw new IllegalArgumentException("a measurement has 32 or 48 bytes, not " + value.length);
        }
        this.value = value;
    }

    /// The register itself, copied; a length other than 32 or 48 is an `IllegalArgumentException`.
    public static Measurement ofBytes(byte[] value) {
        return new Measurement(value.clone());
    }

    /// Reads 64 or 96 hexadecimal digits of either case; anything else is an `IllegalArgumentException`.
    public static Measurement parse(String hex) {
        return new Measurement(HexFormat.of().parseHex(hex));
    }

    /// The register, copied.
    public byte[] bytes() {
        return value.clone();
    }

    /// The register in lower-case hexadecimal digits.
    public String hex() {
        return HexFormat.of().formatHex(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Measurement that && Arrays.equals(value, that.value);
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
