package s3ml.agent;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Finds the paging sources of a host, the most telling one first.
///
/// @param root the file system's root; another one in tests and containers
record SourceDetection(Path root) {
    /// Sources that can be read now, best first.
    List<PagingSource> find() {
        List<PagingSource> found = new ArrayList<>();
        for (String module : List.of("isgx", "intel_sgx")) {
            Path parameters = root.resolve("sys/module").resolve(module).resolve("parameters");
            if (SconeSource.at(parameters)) {
                found.add(new SconeSource("scone-" + module, parameters));
            }
        }
        Path stats = root.resolve("proc/sgx_stats");
        if (Files.isReadable(stats)) {
            found.add(new FortanixSource(stats));
        }
        for (String tracing : List.of("sys/kernel/tracing", "sys/kernel/debug/tracing")) {
            KprobeSource kprobe = new KprobeSource(root.resolve(tracing));
            if (kprobe.read().isPresent()) {
                found.add(kprobe);
            }
        }
        CgroupMiscSource misc = new CgroupMiscSource(root.resolve("sys/fs/cgroup"));
        if (misc.read().isPresent()) {
            found.add(misc);
        }
        MemoryPressureSource pressure = new MemoryPressureSource(root.resolve("proc"));
        if (pressure.read().isPresent()) {
            found.add(pressure);
        }
        return found;
    }
}
