package s3ml.agent;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// Busy share of the host's processors between two readings of `/proc/stat`. Not thread-safe.
final class CpuMeter {
    private static final int IDLE = 3;
    private static final int IOWAIT = 4;

    private final Path stat;
    private long lastTotal;
    private long lastIdle;

    /// @param proc the proc file system
    CpuMeter(Path proc) {
        this.stat = proc.resolve("stat");
    }

    /// 0 to 1 since the last call; 0 when it cannot be told.
    double busy() {
        Optional<String> text = Texts.read(stat);
        if (text.isEmpty() || !text.get().startsWith("cpu ")) {
            return 0;
        }
        String[] fields =
                text.get().lines().findFirst().orElse("").substring(4).strip().split("\\s+", -1);
        long total = 0;
        long idle = 0;
        // The last two of ten, guest times, are contained in the first two.
        for (int i = 0; i < Math.min(8, fields.length); i++) {
            OptionalLong value = Texts.number(fields[i]);
            if (value.isEmpty()) {
                return 0;
            }
            total += value.getAsLong();
            idle += i == IDLE || i == IOWAIT ? value.getAsLong() : 0;
        }
        long ran = total - lastTotal;
        double busy = lastTotal == 0 || ran <= 0 ? 0 : 1 - (double) (idle - lastIdle) / ran;
        lastTotal = total;
        lastIdle = idle;
        return Math.clamp(busy, 0, 1);
    }
}
