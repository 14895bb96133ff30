package s3ml.sim.epc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The one reclaimer of a pool: a thread that evicts pages in batches when few are free.
///
/// Any process may run one; a lock on a file, which the system frees when its holder dies, lets one work at a time and
/// another take over. It evicts from [#LOW] free pages until there are [#HIGH], as the Linux driver does.
public final class Reclaimer implements AutoCloseable {
    static final int LOW = 32;
    static final int HIGH = 64;
    static final int BATCH = 16;
    private static final long POLL_NANOS = 50_000;
    /// With nothing to do for a while it looks less often, so that an idle pool costs next to nothing.
    private static final long IDLE_NANOS = 500_000;
    private static final long LINGER_NANOS = 10_000_000;
    private static final long STANDBY_NANOS = 200_000_000;
    private static final long HOUSEKEEPING_NANOS = 100_000_000;

    private final EmulatedEpc epc;
    private final EpcLayout layout;
    private final PageCipher cipher;
    private final Reaping reaping;
    private final CounterFiles files;
    private final Thread thread;
    private volatile boolean ending;
    private int turn;

    private Reclaimer(EmulatedEpc epc) {
        this.epc = epc;
        this.layout = epc.layout();
        this.cipher = new PageCipher(epc.key());
        this.reaping = new Reaping(layout);
        this.files = new CounterFiles(epc);
        this.thread = Thread.ofPlatform().name("epc-reclaimer").daemon().unstarted(this::run);
    }

    /// Starts the pool's reclaimer, or a stand-by for it.
    public static Reclaimer start(EmulatedEpc epc) {
        Reclaimer reclaimer = new Reclaimer(epc);
        reclaimer.thread.start();
        return reclaimer;
    }

    private void run() {
        try (FileChannel channel = FileChannel.open(
                epc.folder().resolve("reclaimer.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lock = null;
            while (!ending && lock == null) {
                lock = tryLock(channel);
                if (lock == null) {
                    LockSupport.parkNanos(STANDBY_NANOS);
                }
            }
            if (!ending) {
                takeOver();
                work();
            }
        } catch (IOException failed) {
            System.err.println("emulated EPC: the reclaimer ends: " + failed.getMessage());
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException inThisProcess) {
            return null;
        }
    }

    /// Puts back what a reclaimer that was killed had in its hands: the frames are still whole.
    private void takeOver() {
        for (int frame = 0; frame < layout.totalPages; frame++) {
            int slot = (int) layout.get(layout.frame(frame, EpcLayout.FRAME_OWNER)) - 1;
            int page = (int) layout.get(layout.frame(frame, EpcLayout.FRAME_PAGE));
            if (slot >= 0 && slot < EpcLayout.SLOTS && page >= 0 && page < EpcLayout.MOST_PAGES) {
                long entry = layout.get(layout.entry(slot, page));
                if (PageEntry.state(entry) == PageEntry.EVICTING && PageEntry.frame(entry) == frame) {
                    layout.swap(
                            layout.entry(slot, page),
                            entry,
                            PageEntry.of(PageEntry.RESIDENT, frame, PageEntry.version(entry)));
                }
            }
        }
    }

    private void work() throws IOException {
        long housekeeping = 0;
        long busyAt = 0;
        while (!ending) {
            long now = System.nanoTime();
            layout.set(EpcLayout.HEARTBEAT_AT, System.currentTimeMillis());
            if (now - housekeeping > HOUSEKEEPING_NANOS) {
                housekeeping = now;
                files.publish();
                reaping.reapDead();
            }
            if (layout.get(EpcLayout.FREE_COUNT_AT) < LOW) {
                reclaim();
                busyAt = now;
            } else {
                LockSupport.parkNanos(now - busyAt < LINGER_NANOS ? POLL_NANOS : IDLE_NANOS);
            }
        }
        files.publish();
    }

    private void reclaim() {
        while (!ending && layout.get(EpcLayout.FREE_COUNT_AT) < HIGH) {
            int evicted = switch (epc.settings().victims()) {
                case CLOCK -> clock();
                case ROUND_ROBIN -> roundRobin();
            };
            if (evicted == 0) {
                LockSupport.parkNanos(POLL_NANOS);
                return;
            }
        }
    }

    /// A batch of victims from the frames in their order, each used one spared once.
    private int clock() {
        int evicted = 0;
        int hand = (int) layout.get(EpcLayout.HAND_AT);
        for (int steps = 0; steps < 2 * layout.totalPages && evicted < BATCH; steps++) {
            hand = hand + 1 >= layout.totalPages ? 0 : hand + 1;
            int slot = (int) layout.get(layout.frame(hand, EpcLayout.FRAME_OWNER)) - 1;
            if (slot >= 0) {
                int page = (int) layout.get(layout.frame(hand, EpcLayout.FRAME_PAGE));
                evicted += evict(slot, page) ? 1 : 0;
            }
        }
        layout.set(EpcLayout.HAND_AT, hand);
        return evicted;
    }

    /// A batch of victims from one enclave, then from the next.
    private int roundRobin() {
        for (int tried = 0; tried < EpcLayout.SLOTS; tried++) {
            turn = (turn + 1) % EpcLayout.SLOTS;
            int pages = (int) layout.get(layout.slot(turn, EpcLayout.SLOT_PAGES));
            int hand = (int) layout.get(layout.slot(turn, EpcLayout.SLOT_HAND));
            int evicted = 0;
            for (int steps = 0; steps < 2 * pages && evicted < BATCH; steps++) {
                hand = hand + 1 >= pages ? 0 : hand + 1;
                evicted += evict(turn, hand) ? 1 : 0;
            }
            layout.set(layout.slot(turn, EpcLayout.SLOT_HAND), hand);
            if (evicted > 0) {
                return evicted;
            }
        }
        return 0;
    }

    private boolean evict(int slot, int page) {
        long at = layout.entry(slot, page);
        long entry = layout.get(at);
        if (PageEntry.state(entry) != PageEntry.RESIDENT) {
            return false;
        }
        int frame = PageEntry.frame(entry);
        int range = layout.rangeOf(slot, page);
        long uses = layout.get(layout.range(slot, range, EpcLayout.RANGE_USES));
        if (layout.get(layout.frame(frame, EpcLayout.FRAME_SEEN)) != uses) {
            layout.set(layout.frame(frame, EpcLayout.FRAME_SEEN), uses);
            return false;
        }
        long version = PageEntry.version(entry) + 1;
        if (!layout.swap(at, entry, PageEntry.of(PageEntry.EVICTING, frame, PageEntry.version(entry)))) {
            return false;
        }
        // First say that the range is no longer whole, then look for pins: whoever pins first pins, then looks.
        layout.add(layout.range(slot, range, EpcLayout.RANGE_EVICTIONS), 1);
        if (layout.get(layout.range(slot, range, EpcLayout.RANGE_PINS)) > 0) {
            layout.set(at, entry);
            return false;
        }
        long began = System.nanoTime();
        cipher.evict(layout.frameBytes(frame), layout.swapped(slot, page), slot, page, version);
        Processes.spinUntil(began + epc.settings().evictNanos());
        layout.set(at, PageEntry.of(PageEntry.SWAPPED, 0, version));
        layout.push(frame);
        layout.add(EpcLayout.EVICTED_AT, 1);
        layout.add(layout.slot(slot, EpcLayout.SLOT_EVICTED), 1);
        return true;
    }

    @Override
    public void close() {
        ending = true;
        LockSupport.unpark(thread);
        try {
            thread.join(2000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
