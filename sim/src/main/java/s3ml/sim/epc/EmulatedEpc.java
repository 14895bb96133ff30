package s3ml.sim.epc;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import s3ml.attest.S3mlException;

/// One process' view of an emulated EPC. Thread-safe. Closing it unmaps the pool; its enclaves must be closed before.
public final class EmulatedEpc implements AutoCloseable {
    private static final String FILE = "epc";

    private final Arena arena = Arena.ofShared();
    private final Path folder;
    private final EpcLayout layout;
    private final EpcSettings settings;
    private final byte[] key;

    private EmulatedEpc(Path folder, int totalPages) throws IOException {
        this.folder = folder;
        this.layout = EpcLayout.map(folder.resolve(FILE), totalPages, arena);
        long victims = layout.get(EpcLayout.VICTIMS_AT);
        this.settings = new EpcSettings(
                totalPages,
                (int) layout.get(EpcLayout.LOAD_NANOS_AT),
                (int) layout.get(EpcLayout.EVICT_NANOS_AT),
                victims == 0 ? EpcSettings.Victims.CLOCK : EpcSettings.Victims.ROUND_ROBIN);
        this.key = layout.memory.asSlice(EpcLayout.KEY_AT, PageCipher.KEY_BYTES).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Makes a pool in a folder, which should lie in memory (`/dev/shm`); a pool that is there already is left as it
    /// is.
    ///
    /// @throws IOException when the folder cannot be written
    public static EmulatedEpc create(Path folder, EpcSettings settings) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            Path fresh = folder.resolve(FILE + "." + ProcessHandle.current().pid());
            try (Arena making = Arena.ofConfined()) {
                format(EpcLayout.map(fresh, settings.totalPages(), making), settings);
            }
            // Whole or not at all: others may be waiting to attach.
            Files.move(fresh, file);
        }
        return attach(folder);
    }

    private static void format(EpcLayout layout, EpcSettings settings) {
        byte[] key = new byte[PageCipher.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        MemorySegment.copy(key, 0, layout.memory, ValueLayout.JAVA_BYTE, EpcLayout.KEY_AT, key.length);
        layout.set(EpcLayout.TOTAL_AT, settings.totalPages());
        layout.set(EpcLayout.LOAD_NANOS_AT, settings.loadNanos());
        layout.set(EpcLayout.EVICT_NANOS_AT, settings.evictNanos());
        layout.set(EpcLayout.VICTIMS_AT, settings.victims() == EpcSettings.Victims.CLOCK ? 0 : 1);
        for (int frame = settings.totalPages() - 1; frame >= 0; frame--) {
            layout.push(frame);
        }
        layout.set(EpcLayout.MAGIC_AT, EpcLayout.MAGIC);
    }

    /// Attaches to the pool in a folder.
    ///
    /// @throws IOException when it cannot be read
    public static EmulatedEpc attach(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            throw new S3mlException(
                    "SIM-152", "no emulated EPC", file + " does not exist", "start one: s3ml sim epc --dir " + folder);
        }
        byte[] head;
        try (java.io.InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(16);
        }
        java.nio.ByteBuffer numbers = java.nio.ByteBuffer.wrap(head).order(java.nio.ByteOrder.nativeOrder());
        if (head.length < 16 || numbers.getLong() != EpcLayout.MAGIC) {
            throw new S3mlException(
                    "SIM-153", "not an emulated EPC", file + " has another content", "delete it and start a new pool");
        }
        return new EmulatedEpc(folder, (int) numbers.getLong());
    }

    /// Joins the pool as an enclave whose working set is cut in ranges: tensors or layers, in the order of their use.
    ///
    /// @param rangePages pages of each range, 1 to 128 ranges, together at most 32,768 pages
    public EmulatedEnclave enclave(List<Integer> rangePages) {
        return EmulatedEnclave.join(this, rangePages);
    }

    EpcLayout layout() {
        return layout;
    }

    byte[] key() {
        return key.clone();
    }

    /// How the pool was made.
    public EpcSettings settings() {
        return settings;
    }

    Path folder() {
        return folder;
    }

    /// Pages loaded back since the pool was made.
    public long loadedBack() {
        return layout.get(EpcLayout.LOADED_AT);
    }

    /// Pages evicted since the pool was made.
    public long evicted() {
        return layout.get(EpcLayout.EVICTED_AT);
    }

    /// Free pages now.
    public long freePages() {
        return Math.max(0, layout.get(EpcLayout.FREE_COUNT_AT));
    }

    @Override
    public void close() {
        arena.close();
    }
}
