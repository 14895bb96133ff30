package s3ml.agent;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// Major faults and pressure of ordinary memory, for TDX guests and plain hosts, which have no EPC.
///
/// A major fault is a page that a thread had to wait for, as ELDU is. The kernel does not say which pages made room for
/// which, so evictions repeat the faults. With no stall at all in the pressure file (`some` total unchanged) the faults
/// were files read for the first time, not contention, and do not count.
final class MemoryPressureSource implements PagingSource {
    private static final long PAGE = 4096;
    private static final long KIB = 1024;

    private final Path proc;
    private long lastStallMicros = PagingCounters.UNKNOWN;
    private long lastFaults;
    private long counted;

    /// @param proc the proc file system
    MemoryPressureSource(Path proc) {
        this.proc = proc;
    }

    @Override
    public String name() {
        return "memory-pressure";
    }

    @Override
    public int bits() {
        return 64;
    }

    @Override
    public synchronized Optional<PagingCounters> read() {
        Optional<String> meminfo = Texts.read(proc.resolve("meminfo"));
        OptionalLong faults = Texts.read(proc.resolve("vmstat"))
                .map(text -> Texts.keyed(text, "pgmajfault"))
                .orElse(OptionalLong.empty());
        if (faults.isEmpty() || meminfo.isEmpty()) {
            return Optional.empty();
        }
        long stall = Texts.read(proc.resolve("pressure").resolve("memory"))
                .map(MemoryPressureSource::stallMicros)
                .orElse(OptionalLong.empty())
                .orElse(PagingCounters.UNKNOWN);
        boolean first = lastStallMicros == PagingCounters.UNKNOWN && counted == 0 && lastFaults == 0;
        // A kernel without pressure files gives no way to tell, so all faults count there.
        boolean stalled = stall == PagingCounters.UNKNOWN || stall > lastStallMicros;
        if (!first && stalled && faults.getAsLong() > lastFaults) {
            counted += faults.getAsLong() - lastFaults;
        }
        lastFaults = faults.getAsLong();
        lastStallMicros = stall;
        long total = Texts.keyed(meminfo.get(), "MemTotal:").orElse(0) * KIB / PAGE;
        long available = Texts.keyed(meminfo.get(), "MemAvailable:").orElse(0) * KIB / PAGE;
        return Optional.of(new PagingCounters(counted, counted, available, total));
    }

    /// Microseconds in which at least one task waited for memory: `some avg10=… avg60=… avg300=… total=N`.
    static OptionalLong stallMicros(String text) {
        for (String line : text.split("\n", -1)) {
            int total = line.indexOf(" total=");
            if (line.startsWith("some ") && total > 0) {
                return Texts.number(line.substring(total + 7).strip());
            }
        }
        return OptionalLong.empty();
    }
}
