package s3ml.agent.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import s3ml.agent.Texts;

/// What the host leaves to our processes: cgroup, memory, swap, disk, open files.
///
/// `AGT-208` control groups are missing or of version 1. `AGT-209` little memory. `AGT-210` memory can be written to a
/// disk. `AGT-211` little disk. `AGT-212` few open files.
///
/// @param root where proc and sys lie
/// @param data where services keep their state; it need not exist yet
/// @param trustDomain whether the whole guest is the TEE, whose swap leaves it
record ResourceChecks(Path root, Path data, boolean trustDomain) {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;

    /// One model server with its JVM; below it the kernel kills it.
    private static final long LEAST_MEMORY = 256 * MIB;

    /// An AECS, two model servers and the page cache of their files.
    private static final long GOOD_MEMORY = 1024 * MIB;

    private static final long LEAST_DISK = 256 * MIB;
    private static final long GOOD_DISK = 2048 * MIB;

    /// Connections of a busy server, with its files.
    private static final long GOOD_FILES = 4096;

    List<Finding> all() throws IOException {
        return List.of(cgroup(), memory(), swap(), disk(), files());
    }

    private Finding cgroup() {
        Path folder = root.resolve("sys/fs/cgroup");
        String controllers =
                Texts.read(folder.resolve("cgroup.controllers")).orElse("").strip();
        if (!controllers.isEmpty()) {
            return Finding.ok("cgroup", "version 2: " + controllers);
        }
        return Finding.warn(
                "cgroup",
                "AGT-208",
                Files.isDirectory(folder.resolve("memory"))
                        ? "control groups are of version 1, which charge no EPC to anybody"
                        : "no control groups are mounted at /sys/fs/cgroup",
                "boot with systemd.unified_cgroup_hierarchy=1");
    }

    private Finding memory() {
        OptionalLong available = Texts.read(root.resolve("proc/meminfo"))
                .map(text -> Texts.keyed(text, "MemAvailable:"))
                .orElse(OptionalLong.empty());
        if (available.isEmpty()) {
            return Finding.warn(
                    "memory",
                    "AGT-209",
                    "/proc/meminfo tells no MemAvailable",
                    "let this command see the host's /proc (--root)");
        }
        long bytes = Math.min(available.getAsLong() * KIB, left());
        String told = bytes / MIB + " MiB are free to use";
        if (bytes >= GOOD_MEMORY) {
            return Finding.ok("memory", told);
        }
        String next = "raise the limit of the cgroup, stop something, or use a larger machine";
        return bytes >= LEAST_MEMORY
                ? Finding.warn("memory", "AGT-209", told + ", and an AECS with two model servers wants 1024", next)
                : Finding.fail("memory", "AGT-209", told + ", and one model server needs 256", next);
    }

    /// What the limit of this control group leaves.
    private long left() {
        Path folder = root.resolve("sys/fs/cgroup");
        OptionalLong limit = Texts.number(folder.resolve("memory.max"));
        OptionalLong current = Texts.number(folder.resolve("memory.current"));
        return limit.isPresent() ? Math.max(0, limit.getAsLong() - current.orElse(0)) : Long.MAX_VALUE;
    }

    private Finding swap() {
        long areas = Texts.read(root.resolve("proc/swaps")).stream()
                .flatMap(String::lines)
                .skip(1)
                .filter(line -> !line.isBlank())
                .count();
        if (areas == 0) {
            return Finding.ok("swap", "off");
        }
        return trustDomain
                ? Finding.fail(
                        "swap",
                        "AGT-210",
                        "swap is on, and this guest is the TEE: its memory would be written to the operator's disk",
                        "swapoff -a, and take swap out of /etc/fstab")
                : Finding.warn(
                        "swap",
                        "AGT-210",
                        "swap is on: an enclave's pages stay encrypted, but latency suffers",
                        "swapoff -a");
    }

    private Finding disk() throws IOException {
        Path there = nearest(data);
        FileStore store = Files.getFileStore(there);
        return disk(there, store.getUsableSpace());
    }

    /// The folder, or the first above it that is there.
    private static Path nearest(Path folder) {
        Path above = folder.getParent();
        return above == null || Files.exists(folder) ? folder : nearest(above);
    }

    static Finding disk(Path folder, long bytes) {
        String told = bytes / MIB + " MiB are free at " + folder;
        if (bytes >= GOOD_DISK) {
            return Finding.ok("disk", told);
        }
        String next = "make room, or name another folder with --data";
        return bytes >= LEAST_DISK
                ? Finding.warn("disk", "AGT-211", told + ", and packages with their log want 2048", next)
                : Finding.fail("disk", "AGT-211", told + ", and a store that is full stops the AECS", next);
    }

    private Finding files() {
        // "Max open files            1024                 524288               files"
        OptionalLong soft = Texts.read(root.resolve("proc/self/limits")).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> Texts.keyed(line, "Max open files"))
                .findFirst()
                .orElse(OptionalLong.empty());
        return soft.isEmpty() || soft.getAsLong() >= GOOD_FILES
                ? Finding.ok("files", soft.isEmpty() ? "no limit on open files" : soft.getAsLong() + " open files")
                : Finding.warn(
                        "files",
                        "AGT-212",
                        "a process may open " + soft.getAsLong() + " files, and a busy server wants " + GOOD_FILES,
                        "ulimit -n 65536, or LimitNOFILE=65536 in its unit");
    }
}
