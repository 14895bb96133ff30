package s3ml.sim.epc;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The shared file of a pool, and atomic access to its fields. Thread-safe, and across processes.
///
/// Header, frame table, enclave slots (each with its ranges), page tables, frames, swapped copies. The file is sparse:
/// what is not used takes no memory.
final class EpcLayout {
    static final int PAGE = 4096;
    static final int TAG = 16;
    /// More enclaves than any EPC of this size carries.
    static final int SLOTS = 32;
    /// 128 MiB: an enclave larger than the whole EPC must be possible, one of many times its size is not needed.
    static final int MOST_PAGES = 32_768;
    static final int MOST_RANGES = 128;

    // Header fields.
    static final long MAGIC_AT = 0;
    static final long TOTAL_AT = 8;
    static final long FREE_HEAD_AT = 16;
    static final long FREE_COUNT_AT = 24;
    static final long LOADED_AT = 32;
    static final long EVICTED_AT = 40;
    static final long HEARTBEAT_AT = 48;
    static final long HAND_AT = 56;
    static final long LOAD_NANOS_AT = 80;
    static final long EVICT_NANOS_AT = 88;
    static final long VICTIMS_AT = 96;
    static final long KEY_AT = 128;
    static final long MAGIC = 0x53334d4c45504331L;

    // Frame fields: owner slot + 1 (0 free), page of the owner, next free frame + 1, use as last seen by the hand.
    static final int FRAME_BYTES = 32;
    static final int FRAME_OWNER = 0;
    static final int FRAME_PAGE = 8;
    static final int FRAME_NEXT = 16;
    static final int FRAME_SEEN = 24;

    // Slot fields.
    static final int SLOT_BYTES = 8192;
    static final int SLOT_PID = 0;
    static final int SLOT_BEGAN = 8;
    static final int SLOT_PAGES = 16;
    static final int SLOT_RANGES = 24;
    static final int SLOT_LOADED = 32;
    static final int SLOT_EVICTED = 40;
    static final int SLOT_HAND = 48;
    static final int SLOT_RANGE_TABLE = 4096;
    static final int RANGE_BYTES = 32;
    static final int RANGE_PINS = 0;
    static final int RANGE_USES = 8;
    static final int RANGE_EVICTIONS = 16;
    static final int RANGE_END = 24;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    final MemorySegment memory;
    final int totalPages;
    private final long frames;
    private final long slots;
    private final long tables;
    private final long data;
    private final long swap;

    private EpcLayout(MemorySegment memory, int totalPages) {
        this.memory = memory;
        this.totalPages = totalPages;
        this.frames = PAGE;
        this.slots = frames + (long) totalPages * FRAME_BYTES;
        this.tables = slots + (long) SLOTS * SLOT_BYTES;
        this.data = (tables + (long) SLOTS * MOST_PAGES * Long.BYTES + PAGE - 1) / PAGE * PAGE;
        this.swap = data + (long) totalPages * PAGE;
    }

    private static long bytes(int totalPages) {
        EpcLayout layout = new EpcLayout(MemorySegment.NULL, totalPages);
        return layout.swap + (long) SLOTS * MOST_PAGES * (PAGE + TAG);
    }

    /// Maps a file of the given size, which is made when missing. The arena ends the mapping.
    static EpcLayout map(Path file, int totalPages, Arena arena) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes(totalPages), arena);
            return new EpcLayout(memory, totalPages);
        }
    }

    long get(long at) {
        return (long) LONG.getVolatile(memory, at);
    }

    void set(long at, long value) {
        LONG.setVolatile(memory, at, value);
    }

    boolean swap(long at, long expected, long value) {
        return LONG.compareAndSet(memory, at, expected, value);
    }

    long add(long at, long change) {
        return (long) LONG.getAndAdd(memory, at, change);
    }

    long frame(int frame, int field) {
        return frames + (long) frame * FRAME_BYTES + field;
    }

    long slot(int slot, int field) {
        return slots + (long) slot * SLOT_BYTES + field;
    }

    long range(int slot, int range, int field) {
        return slot(slot, SLOT_RANGE_TABLE) + (long) range * RANGE_BYTES + field;
    }

    long entry(int slot, int page) {
        return tables + ((long) slot * MOST_PAGES + page) * Long.BYTES;
    }

    MemorySegment frameBytes(int frame) {
        return memory.asSlice(data + (long) frame * PAGE, PAGE);
    }

    MemorySegment swapped(int slot, int page) {
        return memory.asSlice(swap + ((long) slot * MOST_PAGES + page) * (PAGE + TAG), PAGE + TAG);
    }

    /// The range of a page; ranges are few and contiguous.
    int rangeOf(int slot, int page) {
        int count = (int) get(slot(slot, SLOT_RANGES));
        for (int range = 0; range < Math.min(count, MOST_RANGES); range++) {
            if (page < get(range(slot, range, RANGE_END))) {
                return range;
            }
        }
        return 0;
    }

    /// Takes a free frame for a page; -1 when there is none. The low half of the head is frame + 1, the high half
    /// counts, so that a head seen twice is not mistaken for the same.
    int pop(int slot, int page) {
        while (true) {
            long head = get(FREE_HEAD_AT);
            int frame = (int) (head & 0xffff_ffffL) - 1;
            if (frame < 0) {
                return -1;
            }
            long next = get(frame(frame, FRAME_NEXT));
            if (swap(FREE_HEAD_AT, head, ((head >>> 32) + 1) << 32 | next)) {
                set(frame(frame, FRAME_PAGE), page);
                set(frame(frame, FRAME_OWNER), slot + 1L);
                add(FREE_COUNT_AT, -1);
                return frame;
            }
        }
    }

    void push(int frame) {
        set(frame(frame, FRAME_OWNER), 0);
        while (true) {
            long head = get(FREE_HEAD_AT);
            set(frame(frame, FRAME_NEXT), head & 0xffff_ffffL);
            if (swap(FREE_HEAD_AT, head, ((head >>> 32) + 1) << 32 | (frame + 1L))) {
                add(FREE_COUNT_AT, 1);
                return;
            }
        }
    }
}
