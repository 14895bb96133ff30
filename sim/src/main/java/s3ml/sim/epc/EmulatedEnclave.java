package s3ml.sim.epc;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import s3ml.attest.S3mlException;

/// An enclave of this process in the emulated EPC. Not thread-safe: one inference executor walks it.
///
/// A range that is wholly there costs two atomic additions and two reads: no lock, whatever its size. The reclaimer
/// does not evict from a pinned range. Pins of a killed process die with its slot.
public final class EmulatedEnclave implements AutoCloseable {
    /// With all frames pinned no page can come; then the walk goes on without it rather than for ever.
    private static final long LONGEST_WAIT_NANOS = 2_000_000_000L;
    private static final long RETRY_NANOS = 20_000;

    private final EpcLayout layout;
    private final EpcSettings settings;
    private final PageCipher cipher;
    private final int slot;
    private final int[] ends;
    private final long[] knownEvictions;
    private long missed;

    private EmulatedEnclave(EmulatedEpc epc, int slot, int[] ends) {
        this.layout = epc.layout();
        this.settings = epc.settings();
        this.cipher = new PageCipher(epc.key());
        this.slot = slot;
        this.ends = ends;
        this.knownEvictions = new long[ends.length];
        java.util.Arrays.fill(knownEvictions, -1);
    }

    static EmulatedEnclave join(EmulatedEpc epc, List<Integer> rangePages) {
        int[] ends = new int[rangePages.size()];
        int sum = 0;
        for (int i = 0; i < ends.length; i++) {
            int pages = rangePages.get(i);
            if (pages < 1 || pages > EpcLayout.MOST_PAGES) {
                throw new IllegalArgumentException("range " + i + " has " + pages + " pages");
            }
            sum += pages;
            ends[i] = sum;
        }
        if (ends.length < 1 || ends.length > EpcLayout.MOST_RANGES || sum > EpcLayout.MOST_PAGES) {
            throw new IllegalArgumentException("too many ranges or pages: " + ends.length + ", " + sum);
        }
        EpcLayout layout = epc.layout();
        for (int slot = 0; slot < EpcLayout.SLOTS; slot++) {
            if (layout.swap(layout.slot(slot, EpcLayout.SLOT_PID), 0, Processes.self())) {
                layout.set(layout.slot(slot, EpcLayout.SLOT_BEGAN), Processes.began(Processes.self()));
                for (int range = 0; range < ends.length; range++) {
                    layout.set(layout.range(slot, range, EpcLayout.RANGE_PINS), 0);
                    layout.set(layout.range(slot, range, EpcLayout.RANGE_END), ends[range]);
                }
                layout.set(layout.slot(slot, EpcLayout.SLOT_RANGES), ends.length);
                layout.set(layout.slot(slot, EpcLayout.SLOT_LOADED), 0);
                layout.set(layout.slot(slot, EpcLayout.SLOT_EVICTED), 0);
                layout.set(layout.slot(slot, EpcLayout.SLOT_PAGES), sum);
                return new EmulatedEnclave(epc, slot, ends);
            }
        }
        throw new S3mlException(
                "SIM-154",
                "the emulated EPC takes no more enclaves",
                "all " + EpcLayout.SLOTS + " slots are in use",
                "end some, or start another pool");
    }

    /// Walks the whole working set once, range by range.
    public void walk() {
        for (int range = 0; range < ends.length; range++) {
            touch(range);
        }
    }

    /// Number of ranges.
    public int ranges() {
        return ends.length;
    }

    /// Uses one range: afterwards all its pages have been there.
    public void touch(int range) {
        long pins = layout.range(slot, range, EpcLayout.RANGE_PINS);
        layout.add(pins, 1);
        try {
            layout.add(layout.range(slot, range, EpcLayout.RANGE_USES), 1);
            long evictions = layout.get(layout.range(slot, range, EpcLayout.RANGE_EVICTIONS));
            if (evictions != knownEvictions[range] && fault(range)) {
                knownEvictions[range] = evictions;
            }
        } finally {
            layout.add(pins, -1);
        }
    }

    /// Brings what is missing; false when something had to be left out.
    private boolean fault(int range) {
        for (int page = range == 0 ? 0 : ends[range - 1]; page < ends[range]; page++) {
            if (!bring(page)) {
                return false;
            }
        }
        return true;
    }

    private boolean bring(int page) {
        long at = layout.entry(slot, page);
        long deadline = 0;
        while (true) {
            long entry = layout.get(at);
            int state = PageEntry.state(entry);
            if (state == PageEntry.RESIDENT) {
                return true;
            }
            if (state == PageEntry.EMPTY || state == PageEntry.SWAPPED) {
                int frame = layout.pop(slot, page);
                if (frame >= 0) {
                    load(page, at, entry, frame);
                    return true;
                }
            }
            // No frame, or the reclaimer has the page in its hands: fault again until it has made progress.
            long now = System.nanoTime();
            deadline = deadline == 0 ? now + LONGEST_WAIT_NANOS : deadline;
            if (now > deadline) {
                missed++;
                return false;
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    private void load(int page, long at, long entry, int frame) {
        long began = System.nanoTime();
        long version = PageEntry.version(entry);
        layout.set(at, PageEntry.of(PageEntry.LOADING, frame, version));
        if (PageEntry.state(entry) == PageEntry.SWAPPED) {
            cipher.load(layout.swapped(slot, page), layout.frameBytes(frame), slot, page, version);
            Processes.spinUntil(began + settings.loadNanos());
            layout.add(EpcLayout.LOADED_AT, 1);
            layout.add(layout.slot(slot, EpcLayout.SLOT_LOADED), 1);
        } else {
            layout.frameBytes(frame).set(ValueLayout.JAVA_LONG, 0, (long) slot << 32 | page);
        }
        long uses = layout.get(layout.range(slot, layout.rangeOf(slot, page), EpcLayout.RANGE_USES));
        layout.set(layout.frame(frame, EpcLayout.FRAME_SEEN), uses - 1);
        layout.set(at, PageEntry.of(PageEntry.RESIDENT, frame, version));
    }

    /// Whether a page still holds what was written when it was first used; for tests.
    boolean intact(int page) {
        long entry = layout.get(layout.entry(slot, page));
        return PageEntry.state(entry) != PageEntry.RESIDENT
                || layout.frameBytes(PageEntry.frame(entry)).get(ValueLayout.JAVA_LONG, 0)
                        == ((long) slot << 32 | page);
    }

    /// Pages loaded back by this enclave.
    public long loadedBack() {
        return layout.get(layout.slot(slot, EpcLayout.SLOT_LOADED));
    }

    /// Pages taken from this enclave.
    public long evicted() {
        return layout.get(layout.slot(slot, EpcLayout.SLOT_EVICTED));
    }

    /// Pages that could not be brought because all frames were pinned.
    public long missed() {
        return missed;
    }

    int slot() {
        return slot;
    }

    /// Leaves the pool. The reclaimer frees what the enclave held, as for one whose process was killed.
    @Override
    public void close() {
        Reaping.release(layout, slot);
    }
}
