package s3ml.lab.emulated;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a host's counters say at one moment.
///
/// @param nanos when
/// @param loaded pages loaded back
/// @param evicted pages evicted
/// @param busyTicks of all processors
/// @param allTicks of all processors
record HostSignals(long nanos, long loaded, long evicted, long busyTicks, long allTicks) {
    private static final int IDLE = 3;
    private static final int IOWAIT = 4;

    static HostSignals read(EmulatedHost host) throws IOException {
        Path parameters = host.pool().resolve("parameters");
        String[] ticks = Files.readAllLines(Path.of("/proc/stat"))
                .getFirst()
                .substring(4)
                .strip()
                .split("\\s+", -1);
        long all = 0;
        long idle = 0;
        for (int i = 0; i < 8; i++) {
            long value = Long.parseLong(ticks[i]);
            all += value;
            idle += i == IDLE || i == IOWAIT ? value : 0;
        }
        return new HostSignals(
                System.nanoTime(),
                number(parameters.resolve("sgx_loaded_back")),
                number(parameters.resolve("sgx_nr_evicted")),
                all - idle,
                all);
    }

    private static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).strip());
    }

    /// Pages a second that made room for each other.
    double contentionSince(HostSignals before) {
        double seconds = (nanos - before.nanos) / 1e9;
        return Math.min(loaded - before.loaded, evicted - before.evicted) / seconds;
    }

    /// Busy share of the processors.
    double busySince(HostSignals before) {
        return allTicks == before.allTicks ? 0 : (double) (busyTicks - before.busyTicks) / (allTicks - before.allTicks);
    }
}
