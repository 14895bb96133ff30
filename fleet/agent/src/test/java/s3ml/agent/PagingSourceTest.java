package s3ml.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each source against texts in the formats of the real drivers.
final class PagingSourceTest {
    @TempDir
    private Path root = Path.of("");

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void isgx(String module) throws IOException {
        String folder = "sys/module/" + module + "/parameters/";
        write(folder + "sgx_nr_total_epc_pages", "23936\n");
        write(folder + "sgx_nr_free_pages", "41\n");
        write(folder + "sgx_nr_evicted", "90210\n");
        write(folder + "sgx_loaded_back", "88123\n");
        write(folder + "sgx_nr_enclaves", "3\n");
    }

    @Test
    void the_parameters_of_isgx_are_read() throws IOException {
        isgx("isgx");

        PagingSource source = new SourceDetection(root).find().get(0);

        assertThat(source.name()).isEqualTo("scone-isgx");
        assertThat(source.bits()).isEqualTo(32);
        assertThat(source.read()).contains(new PagingCounters(88_123, 90_210, 41, 23_936));
    }

    @Test
    void the_DCAP_driver_tells_its_evictions_by_another_name() throws IOException {
        isgx("intel_sgx");
        write("sys/module/intel_sgx/parameters/sgx_nr_reclaimed", "70000\n");

        PagingSource source = new SourceDetection(root).find().get(0);

        assertThat(source.name()).isEqualTo("scone-intel_sgx");
        assertThat(source.read().orElseThrow().evicted()).isEqualTo(70_000);
    }

    @Test
    void a_stock_driver_without_the_patch_is_no_source() throws IOException {
        write("sys/module/isgx/parameters/other", "1\n");

        assertThat(new SourceDetection(root).find()).isEmpty();
    }

    @Test
    void a_parameter_that_is_no_number_yields_nothing() throws IOException {
        isgx("isgx");
        write("sys/module/isgx/parameters/sgx_loaded_back", "-5\n");

        assertThat(new SourceDetection(root).find().get(0).read()).isEmpty();
    }

    @Test
    void the_statistics_of_Fortanix_are_read() throws IOException {
        write("proc/sgx_stats", "12 10 61440 5021 28101 20000 100 3836\n");

        PagingSource source = new SourceDetection(root).find().get(0);

        assertThat(source.name()).isEqualTo("fortanix");
        assertThat(source.read()).contains(new PagingCounters(5021, 28_101, 3836, 23_936));
    }

    @Test
    void statistics_with_a_field_too_few_or_too_many_yield_nothing() {
        assertThat(FortanixSource.parse("1 2 3 4 5 6 7\n")).isEmpty();
        assertThat(FortanixSource.parse("1 2 3 4 5 6 7 8 9\n")).isEmpty();
        assertThat(FortanixSource.parse("1 2 3 x 5 6 7 8\n")).isEmpty();
        assertThat(FortanixSource.parse("")).isEmpty();
    }

    @Test
    void return_probes_count_hits_where_there_are_no_histograms() throws IOException {
        write("sys/kernel/tracing/kprobe_profile", """
                  epc_eldu                                      4711              0
                  epc_ewb                                       5000              2
                """);

        PagingSource source = new SourceDetection(root).find().get(0);

        assertThat(source.name()).isEqualTo("kprobe");
        assertThat(source.read())
                .contains(new PagingCounters(4711, 5000, PagingCounters.UNKNOWN, PagingCounters.UNKNOWN));
    }

    @Test
    void only_successful_returns_count_where_there_are_histograms() throws IOException {
        write("sys/kernel/debug/tracing/kprobe_profile", "  epc_eldu  99 0\n  epc_ewb  99 0\n");
        String histogram = """
                # event histogram
                #
                # trigger info: hist:keys=ret:vals=hitcount:sort=hitcount:size=2048 [active]
                #

                { ret:        -16 } hitcount:         31
                { ret:          0 } hitcount:       1207

                Totals:
                    Hits: 1238
                    Entries: 2
                    Dropped: 0
                """;
        write("sys/kernel/debug/tracing/events/s3ml/epc_eldu/hist", histogram);
        write("sys/kernel/debug/tracing/events/s3ml/epc_ewb/hist", histogram.replace("1207", "1300"));

        PagingCounters counters = new SourceDetection(root).find().get(0).read().orElseThrow();

        assertThat(counters.loadedBack()).isEqualTo(1207);
        assertThat(counters.evicted()).isEqualTo(1300);
    }

    @Test
    void probes_are_installed_once_and_with_a_histogram_where_the_kernel_has_them() throws IOException {
        write("t/kprobe_events", "");
        for (String event : List.of("epc_eldu", "epc_ewb")) {
            write("t/events/s3ml/" + event + "/hist", "");
            write("t/events/s3ml/" + event + "/trigger", "");
        }

        new KprobeSource(root.resolve("t")).install();
        new KprobeSource(root.resolve("t")).install();

        assertThat(Files.readString(root.resolve("t/kprobe_events"))).isEqualTo("""
                        r:s3ml/epc_eldu sgx_encl_eldu ret=$retval:s32
                        r:s3ml/epc_ewb sgx_encl_ewb ret=$retval:s32
                        """);
        assertThat(Files.readString(root.resolve("t/events/s3ml/epc_ewb/trigger")))
                .startsWith("hist:keys=ret\n");
    }

    @Test
    void the_misc_controller_tells_free_and_total_and_no_rates() throws IOException {
        write("sys/fs/cgroup/misc.capacity", "sgx_epc 98041856\n");
        write("sys/fs/cgroup/misc.current", "sgx_epc 40960000\n");

        PagingSource source = new SourceDetection(root).find().get(0);

        assertThat(source.name()).isEqualTo("cgroup-misc");
        assertThat(source.read())
                .contains(new PagingCounters(PagingCounters.UNKNOWN, PagingCounters.UNKNOWN, 13_936, 23_936));
    }

    @Test
    void a_misc_controller_without_EPC_is_no_source() throws IOException {
        write("sys/fs/cgroup/misc.capacity", "sev 10\n");
        write("sys/fs/cgroup/misc.current", "sev 1\n");

        assertThat(new SourceDetection(root).find()).isEmpty();
    }

    @Test
    void major_faults_count_only_while_tasks_stall() throws IOException {
        write("proc/meminfo", "MemTotal:        8000 kB\nMemFree: 100 kB\nMemAvailable:    4000 kB\n");
        write("proc/vmstat", "pgfault 1\npgmajfault 100\n");
        write("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=500\nfull avg10=0.00 total=0\n");
        PagingSource source = new SourceDetection(root)
                .find().stream()
                        .filter(MemoryPressureSource.class::isInstance)
                        .findFirst()
                        .orElseThrow();

        write("proc/vmstat", "pgfault 1\npgmajfault 150\n");
        PagingCounters quiet = source.read().orElseThrow();
        write("proc/vmstat", "pgfault 1\npgmajfault 220\n");
        write("proc/pressure/memory", "some avg10=9.00 avg60=1.00 avg300=0.00 total=9500\nfull avg10=0.00 total=0\n");
        PagingCounters stalled = source.read().orElseThrow();

        assertThat(quiet).isEqualTo(new PagingCounters(0, 0, 1000, 2000));
        assertThat(stalled.loadedBack()).isEqualTo(70);
    }

    @Test
    void the_best_source_comes_first() throws IOException {
        isgx("isgx");
        write("proc/sgx_stats", "12 10 61440 5021 28101 20000 100 3836\n");
        write("proc/meminfo", "MemTotal: 8000 kB\nMemAvailable: 4000 kB\n");
        write("proc/vmstat", "pgmajfault 100\n");

        assertThat(new SourceDetection(root).find())
                .extracting(PagingSource::name)
                .containsExactly("scone-isgx", "fortanix", "memory-pressure");
    }

    @Test
    void the_sampler_of_a_host_without_any_file_reports_no_paging() {
        AgentConfig config = new AgentConfig(
                root,
                java.util.Optional.empty(),
                java.util.Map.of(),
                java.util.Optional.empty(),
                new Exporter.Address("127.0.0.1", 0),
                java.time.Duration.ofSeconds(1));

        HostSampler.Sample sample = new HostSampler(config).sample(1, List.of());

        assertThat(sample.paging()).isEmpty();
        assertThat(sample.source()).isEmpty();
        assertThat(Exporter.render(sample)).contains("s3ml_agent_paging_source_found 0");
    }
}
