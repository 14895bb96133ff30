package s3ml.lab.serve;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// What a process and its children hold and spent, from `/proc`.
///
/// @param pid of the process
public record Usage(long pid) {
    private static final double KILO = 1024;

    /// Resident memory of the process alone, in MiB. File-backed pages count: in an enclave they are EPC, too.
    public double residentMb() throws IOException {
        return line(Path.of("/proc", Long.toString(pid), "status"), "VmRSS:");
    }

    /// Resident memory of the process and all below it, in MiB, where a page that n processes share counts 1/n in each.
    public double treeMb() throws IOException {
        double sum = 0;
        for (long each : tree()) {
            try {
                sum += line(Path.of("/proc", Long.toString(each), "smaps_rollup"), "Pss:");
            } catch (NoSuchFileException ended) {
                // A helper that ended meanwhile holds nothing.
            }
        }
        return sum;
    }

    private static double line(Path file, String name) throws IOException {
        for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / KILO;
            }
        }
        throw new IOException(file + " has no " + name);
    }

    private List<Long> tree() {
        return ProcessHandle.of(pid).stream()
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .map(ProcessHandle::pid)
                .toList();
    }

    /// Processor time of the process until now, all threads together.
    public Duration processorTime() {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    /// Keeps the process and all its threads on these cores from now on.
    ///
    /// @param cores list for `taskset`
    public void pin(String cores) {
        for (long each : tree()) {
            Programs.run(List.of("taskset", "-a", "-c", "-p", cores, Long.toString(each)));
        }
    }
}
