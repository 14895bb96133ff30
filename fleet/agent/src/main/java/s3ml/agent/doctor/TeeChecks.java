package s3ml.agent.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import s3ml.agent.PagingSurvey;
import s3ml.agent.Texts;

/// The TEE of a host: devices, what signs quotes, the size of the EPC, the counters of its paging.
///
/// `AGT-204` there is no usable TEE of the kind that was asked for. `AGT-205` nothing is there that would sign quotes.
/// `AGT-206` the EPC is small or its size unknown. `AGT-207` paging cannot be seen, or only roughly.
///
/// @param root where dev, proc, run and sys lie
/// @param wanted what the host is meant to be
record TeeChecks(Path root, Wanted wanted) {
    /// What a host is meant to be.
    enum Wanted {
        /// What is found; with nothing, that is said.
        AUTO,
        /// A host of SGX enclaves.
        SGX,
        /// A guest that is a TDX trust domain.
        TDX,
        /// A host without a TEE, for trying out.
        NONE
    }

    private static final long PAGE = 4096;
    private static final long MIB = 1 << 20;

    /// A model server's resident memory with a small model: below it each request pages.
    private static final long SMALL_EPC = 256 * MIB;

    private static final List<String> ENCLAVE_DEVICES = List.of("dev/sgx_enclave", "dev/sgx/enclave");
    private static final List<String> PROVISION_DEVICES = List.of("dev/sgx_provision", "dev/sgx/provision");
    private static final List<String> QUOTING = List.of("run/aesmd/aesm.socket", "var/run/aesmd/aesm.socket");
    private static final String TSM = "sys/kernel/config/tsm/report";

    List<Finding> all() {
        return switch (wanted) {
            case SGX -> sgx();
            case TDX -> tdx();
            case NONE -> none(Finding.ok("tee", "none wanted: only simulated attestation, which protects nothing"));
            case AUTO -> found();
        };
    }

    /// Whether the whole guest is the TEE.
    static boolean isTrustDomain(Path root) {
        return RuntimeChecks.flags(root).contains("tdx_guest")
                || Files.exists(root.resolve(TSM))
                || Files.exists(root.resolve("dev/tdx_guest"));
    }

    private List<Finding> found() {
        if (Files.exists(root.resolve("dev/attestation"))) {
            return List.of(Finding.ok("tee", "this runs within a library OS that makes quotes (/dev/attestation)"));
        }
        if (isTrustDomain(root)) {
            return tdx();
        }
        if (RuntimeChecks.flags(root).contains("sgx") || firstOf(ENCLAVE_DEVICES) != null || exists("dev/isgx")) {
            return sgx();
        }
        return none(Finding.warn(
                "tee",
                "AGT-204",
                "neither the processor's flags nor /dev show SGX or TDX: only simulated attestation works here",
                "enable SGX in the firmware, start a TDX guest, or say --tee none"));
    }

    private List<Finding> sgx() {
        return List.of(sgxDevices(), quoting(), epc(), paging(true));
    }

    private Finding sgxDevices() {
        String enclave = firstOf(ENCLAVE_DEVICES);
        String provision = firstOf(PROVISION_DEVICES);
        if (enclave == null) {
            return exists("dev/isgx")
                    ? Finding.fail(
                            "tee",
                            "AGT-204",
                            "/dev/isgx is the old driver, whose enclaves cannot make DCAP quotes",
                            "use a kernel of 5.11 or newer and remove that driver")
                    : Finding.fail(
                            "tee",
                            "AGT-204",
                            "there is no /dev/sgx_enclave"
                                    + (RuntimeChecks.flags(root).contains("sgx_lc")
                                            ? ", though the processor has SGX with flexible launch control"
                                            : ", and the processor's flags lack sgx_lc"),
                            "enable SGX and launch control in the firmware, use a kernel of 5.11 or newer, and hand the"
                                    + " device to the container");
        }
        if (provision == null) {
            return Finding.fail(
                    "tee",
                    "AGT-204",
                    "/" + enclave + " is there, and no /dev/sgx_provision, which quotes need",
                    "hand that device to the container too");
        }
        for (String device : List.of(enclave, provision)) {
            Path file = root.resolve(device);
            if (!Files.isReadable(file) || !Files.isWritable(file)) {
                return Finding.fail(
                        "tee",
                        "AGT-204",
                        "/" + device + " cannot be opened by user " + System.getProperty("user.name"),
                        "add the user to the group of the device (sgx, sgx_prv), or run the service as another user");
            }
        }
        return Finding.ok("tee", "SGX: /" + enclave + ", /" + provision);
    }

    private Finding quoting() {
        String socket = firstOf(QUOTING);
        return socket != null
                ? Finding.ok("quoting", "/" + socket)
                : Finding.warn(
                        "quoting",
                        "AGT-205",
                        "there is no /run/aesmd/aesm.socket, so a library OS that asks aesmd gets no quote",
                        "install and start aesmd with libsgx-dcap-ql, or use a library OS that quotes by itself");
    }

    private Finding epc() {
        long bytes = epcBytes();
        if (bytes <= 0) {
            return Finding.warn(
                    "epc",
                    "AGT-206",
                    "the kernel tells no size of the EPC (nodes' x86/sgx_total_bytes, misc.capacity)",
                    "use a kernel of 5.17 or newer, or see `dmesg | grep -i sgx`");
        }
        return bytes >= SMALL_EPC
                ? Finding.ok("epc", bytes / MIB + " MiB")
                : Finding.warn(
                        "epc",
                        "AGT-206",
                        "the EPC has " + bytes / MIB + " MiB, and a model server with a small model wants "
                                + SMALL_EPC / MIB,
                        "raise it in the firmware (PRMRR size), or run one replica here and watch its paging");
    }

    private long epcBytes() {
        long nodes = 0;
        Path folder = root.resolve("sys/devices/system/node");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                nodes = all.map(node -> Texts.number(node.resolve("x86/sgx_total_bytes")))
                        .filter(OptionalLong::isPresent)
                        .mapToLong(OptionalLong::getAsLong)
                        .sum();
            } catch (IOException | UncheckedIOException unreadable) {
                nodes = 0;
            }
        }
        return nodes > 0
                ? nodes
                : Texts.read(root.resolve("sys/fs/cgroup/misc.capacity"))
                        .map(text -> Texts.keyed(text, "sgx_epc"))
                        .orElse(OptionalLong.empty())
                        .orElse(Texts.number(root.resolve("sys/module/isgx/parameters/sgx_nr_total_epc_pages"))
                                        .orElse(0)
                                * PAGE);
    }

    private List<Finding> tdx() {
        boolean reports = Files.isDirectory(root.resolve(TSM));
        Finding tee;
        if (reports) {
            tee = Files.isWritable(root.resolve(TSM))
                    ? Finding.ok("tee", "TDX: quotes by configfs (/" + TSM + ")")
                    : Finding.fail(
                            "tee",
                            "AGT-204",
                            "/" + TSM + " cannot be written by user " + System.getProperty("user.name"),
                            "run the service as root, or hand that folder to its user");
        } else {
            tee = Finding.fail(
                    "tee",
                    "AGT-204",
                    "there is no /" + TSM + ", by which a TDX guest asks for quotes",
                    "use a kernel of 6.7 or newer, `modprobe tdx_guest` and `mount -t configfs none"
                            + " /sys/kernel/config`");
        }
        return List.of(tee, paging(false));
    }

    private List<Finding> none(Finding tee) {
        return List.of(tee, paging(false));
    }

    private Finding paging(boolean epc) {
        List<PagingSurvey> sources = PagingSurvey.of(root);
        if (sources.isEmpty()) {
            return Finding.warn(
                    "paging",
                    "AGT-207",
                    "no counter of paging can be read, so the control plane balances this host blindly",
                    "let the agent see the host's /proc and /sys (--root)");
        }
        PagingSurvey best = sources.getFirst();
        if (epc && !(best.ofEpc() && best.rates())) {
            return Finding.warn(
                    "paging",
                    "AGT-207",
                    "the best source is " + best.name() + ", which counts no EPC pages that come and go",
                    "start the agent as root with --install-probes and tracefs mounted, or use a driver with counters");
        }
        return Finding.ok(
                "paging",
                String.join(", ", sources.stream().map(PagingSurvey::name).toList()));
    }

    private boolean exists(String device) {
        return Files.exists(root.resolve(device));
    }

    private @org.jspecify.annotations.Nullable String firstOf(List<String> candidates) {
        return candidates.stream().filter(this::exists).findFirst().orElse(null);
    }
}
