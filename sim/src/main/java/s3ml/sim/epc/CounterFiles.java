package s3ml.sim.epc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Publishes a pool's counters as the drivers do: parameters with 32 bits, and a statistics line.
final class CounterFiles {
    private static final long U32 = 0xffff_ffffL;

    private final EmulatedEpc epc;

    CounterFiles(EmulatedEpc epc) {
        this.epc = epc;
    }

    void publish() throws IOException {
        Path parameters = Files.createDirectories(epc.folder().resolve("parameters"));
        EpcLayout layout = epc.layout();
        long enclaves = 0;
        long pages = 0;
        for (int slot = 0; slot < EpcLayout.SLOTS; slot++) {
            enclaves += layout.get(layout.slot(slot, EpcLayout.SLOT_PID)) == 0 ? 0 : 1;
            pages += layout.get(layout.slot(slot, EpcLayout.SLOT_PAGES));
        }
        long total = epc.settings().totalPages();
        long free = epc.freePages();
        write(parameters.resolve("sgx_nr_total_epc_pages"), total + "\n");
        write(parameters.resolve("sgx_nr_free_pages"), free + "\n");
        write(parameters.resolve("sgx_nr_evicted"), (epc.evicted() & U32) + "\n");
        write(parameters.resolve("sgx_loaded_back"), (epc.loadedBack() & U32) + "\n");
        write(parameters.resolve("sgx_nr_enclaves"), enclaves + "\n");
        write(
                epc.folder().resolve("sgx_stats"),
                enclaves + " 0 " + pages + " " + (epc.loadedBack() & U32) + " " + (epc.evicted() & U32) + " "
                        + (total - free) + " 0 " + free + "\n");
    }

    /// In one step, so that no reader finds half a number.
    private static void write(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
