package s3ml.protocol;

import java.util.random.RandomGenerator;

/// A set of 128-bit values that others choose: 16 bytes each in an open table that is at most two thirds full, so that
/// hundreds of thousands cost some megabytes of the heap and nothing to collect. Where a value lies depends on secret
/// factors, so nobody can choose values that crowd one place. Not thread-safe.
final class Fingerprints {
    private static final int FIRST_SLOTS = 1024;

    private final long highFactor;
    private final long lowFactor;

    /// High and low half of each slot; a free one holds zeros.
    private long[] table = new long[2 * FIRST_SLOTS];

    private int size;

    /// @param random of which nobody else knows what it gives
    Fingerprints(RandomGenerator random) {
        this.highFactor = random.nextLong() | 1;
        this.lowFactor = random.nextLong() | 1;
    }

    int size() {
        return size;
    }

    boolean contains(long high, long low) {
        return !isFree(slot(high, notFree(high, low)));
    }

    /// Returns whether it was not there before.
    boolean add(long high, long low) {
        long marked = notFree(high, low);
        int slot = slot(high, marked);
        if (!isFree(slot)) {
            return false;
        }
        put(slot, high, marked);
        size++;
        if (3L * size > table.length) {
            grow();
        }
        return true;
    }

    /// The value whose bits are all zero is kept as another one: only one in 2^128 is.
    private static long notFree(long high, long low) {
        return high == 0 && low == 0 ? 1 : low;
    }

    private boolean isFree(int slot) {
        return table[slot] == 0 && table[slot + 1] == 0;
    }

    private void put(int slot, long high, long low) {
        table[slot] = high;
        table[slot + 1] = low;
    }

    /// Where it lies, or the free slot where it would.
    private int slot(long high, long low) {
        int slots = table.length / 2;
        // The upper bits of a sum of products depend on all bits of both (multiply-shift hashing).
        int shift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
        int at = (int) ((high * highFactor + low * lowFactor) >>> shift);
        while (!isFree(2 * at) && (table[2 * at] != high || table[2 * at + 1] != low)) {
            at = (at + 1) & (slots - 1);
        }
        return 2 * at;
    }

    private void grow() {
        long[] full = table;
        table = new long[2 * full.length];
        for (int i = 0; i < full.length; i += 2) {
            if (full[i] != 0 || full[i + 1] != 0) {
                put(slot(full[i], full[i + 1]), full[i], full[i + 1]);
            }
        }
    }
}
