package s3ml.sim.epc;

/// A page table entry as one word: state, frame, version. The version is the nonce of the swapped copy.
final class PageEntry {
    /// Never loaded: filled on first use, without a load being counted.
    static final int EMPTY = 0;
    static final int RESIDENT = 1;
    static final int SWAPPED = 2;
    /// Being loaded by its enclave.
    static final int LOADING = 3;
    /// Being evicted by the reclaimer; its frame is still whole.
    static final int EVICTING = 4;

    private static final int FRAME_BITS = 24;

    private PageEntry() {}

    static long of(int state, int frame, long version) {
        return version << (FRAME_BITS + 4) | (long) frame << 4 | state;
    }

    static int state(long entry) {
        return (int) (entry & 15);
    }

    static int frame(long entry) {
        return (int) (entry >>> 4) & ((1 << FRAME_BITS) - 1);
    }

    static long version(long entry) {
        return entry >>> (FRAME_BITS + 4);
    }
}
