package s3ml.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import s3ml.policy.FleetException;

/// Finds the paging sources of a host, the most telling one first.
///
/// @param root the file system's root; another one in tests and containers
record SourceDetection(Path root) {
    private static final List<String> TRACING = List.of("sys/kernel/tracing", "sys/kernel/debug/tracing");

    /// Installs the probes of [KprobeSource] in the first tracefs that is there.
    ///
    /// @throws FleetException `AGT-103` when there is none, or the kernel refuses
    void installProbes() {
        Path tracing = TRACING.stream()
                .map(root::resolve)
                .filter(folder -> Files.exists(folder.resolve("kprobe_events")))
                .findFirst()
                .orElseThrow(() -> new FleetException(
                        "AGT-103",
                        "cannot count paging by kernel probes",
                        "no tracefs with kprobe_events is mounted below " + root + "sys/kernel",
                        "mount -t tracefs none /sys/kernel/tracing, or leave --install-probes out"));
        try {
            new KprobeSource(tracing).install();
        } catch (IOException refused) {
            throw new FleetException(
                    "AGT-103",
                    "cannot count paging by kernel probes",
                    "the kernel refused one: " + refused.getMessage(),
                    "start the agent as root, on a kernel with SGX whose sgx_encl_eldu is not inlined; or leave"
                            + " --install-probes out",
                    refused);
        }
    }

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
        for (String tracing : TRACING) {
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
