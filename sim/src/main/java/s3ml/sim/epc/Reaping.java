package s3ml.sim.epc;

/// Frees what dead or leaving processes held: frames, pins and slots. Run by the reclaimer, or by an enclave that
/// leaves.
final class Reaping {
    private final EpcLayout layout;

    Reaping(EpcLayout layout) {
        this.layout = layout;
    }

    /// Releases the slots of dead processes.
    void reapDead() {
        for (int slot = 0; slot < EpcLayout.SLOTS; slot++) {
            long pid = layout.get(layout.slot(slot, EpcLayout.SLOT_PID));
            long began = layout.get(layout.slot(slot, EpcLayout.SLOT_BEGAN));
            if (pid > 0 && !Processes.alive(pid, began)) {
                release(layout, slot);
            }
        }
    }

    /// Frees a slot's frames, then the slot. Entries which the reclaimer has in its hands are left to it: it frees the
    /// frame when it finds the slot gone.
    static void release(EpcLayout layout, int slot) {
        int pages = (int) Math.min(EpcLayout.MOST_PAGES, layout.get(layout.slot(slot, EpcLayout.SLOT_PAGES)));
        // No more victims here from now on.
        layout.set(layout.slot(slot, EpcLayout.SLOT_PAGES), 0);
        for (int page = 0; page < pages; page++) {
            long at = layout.entry(slot, page);
            long entry = layout.get(at);
            while (PageEntry.state(entry) == PageEntry.EVICTING) {
                Thread.onSpinWait();
                entry = layout.get(at);
            }
            int state = PageEntry.state(entry);
            if (!layout.swap(at, entry, PageEntry.of(PageEntry.EMPTY, 0, PageEntry.version(entry) + 1))) {
                page--;
                continue;
            }
            if (state == PageEntry.RESIDENT || state == PageEntry.LOADING) {
                layout.push(PageEntry.frame(entry));
            }
        }
        // Frames taken but not yet entered in the table when the process was killed. One killed between taking a frame
        // and putting its name on it, two instructions apart, loses that frame until the pool is made anew.
        for (int frame = 0; frame < layout.totalPages; frame++) {
            if (layout.get(layout.frame(frame, EpcLayout.FRAME_OWNER)) == slot + 1L) {
                layout.push(frame);
            }
        }
        layout.set(layout.slot(slot, EpcLayout.SLOT_RANGES), 0);
        layout.set(layout.slot(slot, EpcLayout.SLOT_PID), 0);
    }
}
