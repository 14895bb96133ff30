package s3ml.agent;

/// Turns readings of a counter that wraps and resets into increments.
final class CounterTrack {
    private final long modulus;
    private long last = PagingCounters.UNKNOWN;

    /// @param bits 32, or 64 for a counter that does not wrap in practice
    CounterTrack(int bits) {
        this.modulus = bits == 32 ? 1L << 32 : 0;
    }

    /// What was added since the last reading; 0 for the first, and after a reset.
    ///
    /// A smaller reading is a wrap when the way round is short (less than a quarter of the range), and otherwise a
    /// reset: a driver loaded anew. What a reset counter shows has an unknown beginning, so it is not counted.
    long advance(long reading) {
        long before = last;
        last = reading;
        if (before == PagingCounters.UNKNOWN || reading == PagingCounters.UNKNOWN) {
            return 0;
        }
        if (reading >= before) {
            return reading - before;
        }
        long around = modulus - before + reading;
        return modulus > 0 && around < modulus / 4 ? around : 0;
    }
}
