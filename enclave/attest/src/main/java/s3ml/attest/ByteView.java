package s3ml.attest;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/// A range of an array that nobody changes any more. All numbers are little-endian, as in SGX and TDX structures.
final class ByteView implements Comparable<ByteView> {
    private final byte[] array;
    private final int from;
    private final int length;

    ByteView(byte[] array, int from, int length) {
        if (from < 0 || length < 0 || (long) from + length > array.length) {
            throw new IllegalArgumentException("range " + from + "+" + length + " of " + array.length);
        }
        this.array = array;
        this.from = from;
        this.length = length;
    }

    static ByteView of(byte[] array) {
        return new ByteView(array, 0, array.length);
    }

    byte[] array() {
        return array;
    }

    int from() {
        return from;
    }

    int length() {
        return length;
    }

    int u8(int at) {
        return array[from + at] & 0xff;
    }

    int u16(int at) {
        return u8(at) | u8(at + 1) << 8;
    }

    long u32(int at) {
        return u16(at) | (long) u16(at + 2) << 16;
    }

    long u64(int at) {
        return u32(at) | u32(at + 4) << 32;
    }

    ByteView view(int at, int count) {
        if (at < 0 || count < 0 || at + count > length) {
            throw new IllegalArgumentException("range " + at + "+" + count + " of " + length);
        }
        return new ByteView(array, from + at, count);
    }

    byte[] copy() {
        return Arrays.copyOfRange(array, from, from + length);
    }

    byte[] copy(int at, int count) {
        return view(at, count).copy();
    }

    boolean isZero(int at, int count) {
        for (int i = at; i < at + count; i++) {
            if (u8(i) != 0) {
                return false;
            }
        }
        return true;
    }

    boolean contentEquals(byte[] other) {
        return Arrays.equals(array, from, from + length, other, 0, other.length);
    }

    boolean contentEquals(ByteView other) {
        return Arrays.equals(array, from, from + length, other.array, other.from, other.from + other.length);
    }

    String hex() {
        return HexFormat.of().formatHex(array, from, from + length);
    }

    @Override
    public int compareTo(ByteView other) {
        return Arrays.compareUnsigned(array, from, from + length, other.array, other.from, other.from + other.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteView that && contentEquals(that);
    }

    /// Depends on every byte; made for keys of maps.
    @Override
    public int hashCode() {
        CRC32C crc = new CRC32C();
        crc.update(array, from, length);
        return (int) crc.getValue();
    }

    @Override
    public String toString() {
        return hex();
    }
}
