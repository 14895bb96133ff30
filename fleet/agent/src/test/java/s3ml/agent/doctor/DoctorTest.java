package s3ml.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The command against trees of files as hosts have them, and the network of this machine.
final class DoctorTest {
    private static final String SERVER = "flags\t\t: fpu lm avx2 ";

    @TempDir
    private Path root = Path.of("");

    private String out = "";

    private String err = "";

    @BeforeEach
    void a_host_without_a_tee() throws IOException {
        write("proc/cpuinfo", "processor\t: 0\n" + SERVER + "\n");
        write(
                "lib/x86_64-linux-gnu/libc.so.6",
                "\0\1GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n\0");
        write("proc/meminfo", "MemTotal:  16000000 kB\nMemFree: 1 kB\nMemAvailable:  8000000 kB\n");
        write("proc/vmstat", "pgmajfault 12\n");
        write("proc/swaps", "Filename Type Size Used Priority\n");
        write(
                "proc/self/limits",
                "Limit  Soft Limit Hard Limit Units\nMax open files            65536      65536     files\n");
        write("sys/fs/cgroup/cgroup.controllers", "cpu memory misc\n");
        write("run/systemd/timesync/synchronized", "");
    }

    private void a_host_of_SGX() throws IOException {
        write("proc/cpuinfo", SERVER + "sgx sgx_lc\n");
        write("dev/sgx_enclave", "");
        write("dev/sgx_provision", "");
        write("run/aesmd/aesm.socket", "");
        write("sys/devices/system/node/node0/x86/sgx_total_bytes", "1073741824\n");
        write("sys/module/isgx/parameters/sgx_nr_evicted", "3\n");
        write("sys/module/isgx/parameters/sgx_loaded_back", "2\n");
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private int doctor(String... words) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--root", root.toString(), "--data", root.toString()));
        arguments.addAll(Arrays.asList(words));
        if (!arguments.contains("--port")) {
            arguments.addAll(List.of("--port", String.valueOf(freePort())));
        }
        StringWriter printed = new StringWriter();
        StringWriter complained = new StringWriter();
        CommandLine command = DoctorMain.commandLine();
        command.setOut(new PrintWriter(printed)).setErr(new PrintWriter(complained));
        int status = command.execute(arguments.toArray(new String[0]));
        out = printed.toString();
        err = complained.toString();
        return status;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private String line(String check) {
        return out.lines()
                .filter(line -> line.matches("\\w+ +" + check + " .*"))
                .findFirst()
                .orElse("");
    }

    @Test
    void a_good_host_of_SGX_is_fit_and_each_line_says_ok() throws IOException {
        a_host_of_SGX();

        int status = doctor("--tee", "sgx");

        assertThat(status).isZero();
        assertThat(out.lines().filter(line -> !line.startsWith("ok ")))
                .containsExactly(line("pccs"), "This host is fit.");
        assertThat(line("epc")).contains("1024 MiB");
        assertThat(line("paging")).contains("scone-isgx");
    }

    @Test
    void without_a_device_a_host_that_must_have_SGX_is_not_fit_and_is_told_what_to_do() throws IOException {
        a_host_of_SGX();
        Files.delete(root.resolve("dev/sgx_enclave"));

        assertThat(doctor("--tee", "SGX")).isEqualTo(1);
        assertThat(line("tee")).startsWith("FAIL").contains("AGT-204", "/dev/sgx_enclave", "firmware");
        assertThat(out).endsWith("This host is not fit: see the lines that say FAIL.\n");
    }

    @Test
    void a_host_without_the_device_for_quotes_or_with_the_old_driver_is_not_fit() throws IOException {
        a_host_of_SGX();
        Files.delete(root.resolve("dev/sgx_provision"));
        assertThat(doctor()).isEqualTo(1);
        assertThat(line("tee")).contains("no /dev/sgx_provision");

        Files.delete(root.resolve("dev/sgx_enclave"));
        write("dev/isgx", "");
        assertThat(doctor()).isEqualTo(1);
        assertThat(line("tee")).contains("old driver");
    }

    @Test
    void what_works_worse_is_a_warning_with_the_numbers() throws IOException {
        a_host_of_SGX();
        write("proc/cpuinfo", "flags\t\t: fpu lm sgx\n");
        write("sys/devices/system/node/node0/x86/sgx_total_bytes", "97517568\n");
        Files.delete(root.resolve("sys/module/isgx/parameters/sgx_loaded_back"));
        Files.delete(root.resolve("run/aesmd/aesm.socket"));
        write("proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n");
        write("proc/self/limits", "Max open files            1024     524288     files\n");
        Files.delete(root.resolve("sys/fs/cgroup/cgroup.controllers"));
        Files.delete(root.resolve("run/systemd/timesync/synchronized"));

        assertThat(doctor()).isZero();
        assertThat(line("processor")).startsWith("warn").contains("AVX2");
        assertThat(line("epc")).startsWith("warn").contains("93 MiB");
        assertThat(line("paging")).startsWith("warn").contains("memory-pressure", "--install-probes");
        assertThat(line("quoting")).startsWith("warn").contains("AGT-205");
        assertThat(line("swap")).startsWith("warn").contains("AGT-210");
        assertThat(line("files")).startsWith("warn").contains("1024 files");
        assertThat(line("cgroup")).startsWith("warn").contains("AGT-208");
        assertThat(line("clock")).startsWith("warn").contains("AGT-214");
    }

    @Test
    void a_guest_of_TDX_asks_for_configfs_and_must_not_swap() throws IOException {
        write("proc/cpuinfo", SERVER + "tdx_guest\n");
        assertThat(doctor()).isEqualTo(1);
        assertThat(line("tee")).startsWith("FAIL").contains("sys/kernel/config/tsm/report", "modprobe tdx_guest");

        Files.createDirectories(root.resolve("sys/kernel/config/tsm/report"));
        assertThat(doctor()).isZero();
        assertThat(line("tee")).startsWith("ok").contains("TDX");

        write("proc/swaps", "Filename Type Size Used Priority\n/dev/vda2 partition 1 0 -2\n");
        assertThat(doctor()).isEqualTo(1);
        assertThat(line("swap")).startsWith("FAIL");
    }

    @Test
    void a_host_without_a_TEE_is_told_so_unless_that_is_wanted() throws IOException {
        assertThat(doctor()).isZero();
        assertThat(line("tee")).startsWith("warn").contains("simulated");

        assertThat(doctor("--tee", "none")).isZero();
        assertThat(line("tee")).startsWith("ok");
    }

    @Test
    void an_old_C_library_and_one_that_is_not_GNUs_fail() throws IOException {
        write("lib/x86_64-linux-gnu/libc.so.6", "GNU C Library (Debian GLIBC 2.31-13) stable release version 2.31.\n");
        assertThat(doctor()).isEqualTo(1);
        assertThat(line("glibc")).startsWith("FAIL").contains("2.31", "2.35");

        Files.delete(root.resolve("lib/x86_64-linux-gnu/libc.so.6"));
        assertThat(doctor()).isEqualTo(1);
        assertThat(line("glibc")).startsWith("FAIL").contains("musl");
    }

    @Test
    void another_JDK_fails() {
        assertThat(new RuntimeChecks(root, Runtime.Version.parse("21.0.2")).all())
                .anySatisfy(finding -> {
                    assertThat(finding.state()).isEqualTo(Finding.State.FAIL);
                    assertThat(finding.line()).contains("AGT-201", "Java 21.0.2", "JAVA_HOME");
                });
    }

    @Test
    void the_limit_of_the_cgroup_counts_and_too_little_memory_or_disk_fails() throws IOException {
        write("sys/fs/cgroup/memory.max", "536870912\n");
        write("sys/fs/cgroup/memory.current", "104857600\n");
        assertThat(doctor()).isZero();
        assertThat(line("memory")).startsWith("warn").contains("412 MiB");

        write("sys/fs/cgroup/memory.max", "134217728\n");
        assertThat(doctor()).isEqualTo(1);
        assertThat(line("memory")).startsWith("FAIL").contains("28 MiB");

        assertThat(ResourceChecks.disk(root, 100L << 20).state()).isEqualTo(Finding.State.FAIL);
        assertThat(ResourceChecks.disk(root, 1L << 30).state()).isEqualTo(Finding.State.WARN);
        assertThat(ResourceChecks.disk(root, 1L << 40).state()).isEqualTo(Finding.State.OK);
    }

    @Test
    void a_PCCS_that_answers_gives_the_time_too_and_another_one_fails() throws IOException {
        HttpServer pccs = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        pccs.createContext("/sgx/certification/v4/rootcacrl", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("00".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            exchange.close();
        });
        pccs.start();
        String url = "http://127.0.0.1:" + pccs.getAddress().getPort();
        try {
            assertThat(doctor("--pccs", url)).isZero();
            assertThat(line("pccs")).startsWith("ok");
            assertThat(line("clock")).startsWith("ok").contains("the PCCS's");

            assertThat(doctor("--pccs", url + "/elsewhere")).isEqualTo(1);
            assertThat(line("pccs")).startsWith("FAIL").contains("answered 404");
        } finally {
            pccs.stop(0);
        }
        assertThat(doctor("--pccs", url)).isEqualTo(1);
        assertThat(line("pccs")).startsWith("FAIL").contains("does not answer");
    }

    @Test
    void a_clock_that_is_off_is_a_warning_and_then_a_failure() {
        assertThat(NetworkChecks.offset(Duration.ofSeconds(2)).state()).isEqualTo(Finding.State.OK);
        assertThat(NetworkChecks.offset(Duration.ofSeconds(-40)).line())
                .startsWith("warn")
                .contains("40 s behind");
        assertThat(NetworkChecks.offset(Duration.ofHours(1)).line())
                .startsWith("FAIL")
                .contains("3600 s ahead of");
    }

    @Test
    void a_port_that_is_taken_and_a_peer_that_is_not_there_fail() throws IOException {
        int port;
        try (ServerSocket holder = new ServerSocket(0)) {
            port = holder.getLocalPort();
            assertThat(doctor("--port", String.valueOf(port))).isEqualTo(1);
            assertThat(line("port")).startsWith("FAIL").contains("AGT-215", String.valueOf(port), "ss -ltnp");

            assertThat(doctor("--reach", "127.0.0.1:" + port)).isZero();
            assertThat(line("peer")).startsWith("ok");
        }
        assertThat(doctor("--reach", "127.0.0.1:" + port)).isEqualTo(1);
        assertThat(line("peer")).startsWith("FAIL").contains("cannot be reached");
    }

    @Test
    void what_a_kernel_file_says_is_escaped_in_JSON() throws IOException {
        write("sys/fs/cgroup/cgroup.controllers", "cpu \"memory\\\u0001\n");

        assertThat(doctor("--json")).isZero();

        assertThat(out).startsWith("{\"fit\":true,\"findings\":[{").contains("cpu \\\"memory\\\\\\u0001");
        assertThat(out.strip().lines()).hasSize(1);
    }

    @Test
    void wrong_usage_is_named_and_has_its_own_status() throws IOException {
        assertThat(doctor("--pccs", "ftp://somewhere")).isEqualTo(2);
        assertThat(err).contains("no http or https URL");
        assertThat(doctor("--reach", "nowhere")).isEqualTo(2);
        assertThat(err).contains("HOST:PORT");
        assertThat(doctor("--port", "70000")).isEqualTo(2);
        assertThat(doctor("--tee", "sev")).isEqualTo(2);
        assertThat(doctor("--root", root.resolve("missing").toString())).isEqualTo(2);
    }
}
