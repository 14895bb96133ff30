package s3ml.sim.epc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;

@SuppressWarnings("try") // The reclaimer works by being there.
final class EmulatedEpcTest {
    private static final EpcSettings SMALL = new EpcSettings(1024, 0, 0, EpcSettings.Victims.CLOCK);

    @TempDir
    private Path folder = Path.of("");

    private static void awaitFree(EmulatedEpc epc, long pages) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (epc.freePages() < pages && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertThat(epc.freePages()).isGreaterThanOrEqualTo(pages);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 20 s").isLessThan(deadline);
            Thread.sleep(2);
        }
    }

    @Test
    void a_working_set_that_fits_is_never_paged() throws IOException {
        try (EmulatedEpc epc = EmulatedEpc.create(folder, SMALL);
                Reclaimer reclaimer = Reclaimer.start(epc);
                EmulatedEnclave enclave = epc.enclave(Antagonist.ranges(900))) {
            for (int i = 0; i < 20; i++) {
                enclave.walk();
            }

            assertThat(epc.loadedBack()).isZero();
            assertThat(epc.evicted()).isZero();
            assertThat(epc.freePages()).isEqualTo(1024 - 900);
        }
    }

    @Test
    void a_working_set_over_the_pool_is_reloaded_on_every_walk_and_no_page_is_lost() throws IOException {
        try (EmulatedEpc epc = EmulatedEpc.create(folder, SMALL);
                Reclaimer reclaimer = Reclaimer.start(epc);
                EmulatedEnclave enclave =
                        epc.enclave(List.of(100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100))) {
            for (int i = 0; i < 10; i++) {
                enclave.walk();
                for (int page = 0; page < 1200; page++) {
                    assertThat(enclave.intact(page)).isTrue();
                }
            }

            assertThat(enclave.loadedBack()).isGreaterThan(9 * 600);
            assertThat(enclave.missed()).isZero();
        }
    }

    @Test
    void two_enclaves_that_do_not_fit_together_take_each_others_pages() throws Exception {
        try (EmulatedEpc epc = EmulatedEpc.create(folder, SMALL);
                Reclaimer reclaimer = Reclaimer.start(epc)) {
            Thread neighbour = Thread.ofPlatform()
                    .start(() -> new Antagonist(700, Duration.ZERO, Antagonist.Pattern.CYCLIC)
                            .run(epc, new SplittableRandom(1)));
            try (EmulatedEnclave enclave = epc.enclave(Antagonist.ranges(600))) {
                await(() -> {
                    enclave.walk();
                    return enclave.evicted() > 0 && enclave.loadedBack() > 0;
                });
            }
            neighbour.interrupt();
            neighbour.join(5000);
            awaitFree(epc, 1024);
        }
    }

    @Test
    void by_turns_an_idle_small_enclave_loses_pages_to_a_greedy_one() throws Exception {
        EpcSettings turns = new EpcSettings(1024, 0, 0, EpcSettings.Victims.ROUND_ROBIN);
        try (EmulatedEpc epc = EmulatedEpc.create(folder, turns);
                Reclaimer reclaimer = Reclaimer.start(epc);
                EmulatedEnclave small = epc.enclave(List.of(100));
                EmulatedEnclave greedy = epc.enclave(Antagonist.ranges(1500))) {
            small.walk();
            for (int i = 0; i < 3; i++) {
                greedy.walk();
            }

            assertThat(small.evicted()).isPositive();
        }
    }

    @Test
    void a_pinned_range_larger_than_the_pool_ends_instead_of_spinning_for_ever() throws IOException {
        EpcSettings tiny = new EpcSettings(256, 0, 0, EpcSettings.Victims.CLOCK);
        try (EmulatedEpc epc = EmulatedEpc.create(folder, tiny);
                Reclaimer reclaimer = Reclaimer.start(epc);
                EmulatedEnclave enclave = epc.enclave(List.of(400))) {
            enclave.walk();

            assertThat(enclave.missed()).isEqualTo(1);
        }
    }

    @Test
    void the_counters_come_in_the_formats_of_the_drivers() throws Exception {
        try (EmulatedEpc epc = EmulatedEpc.create(folder, SMALL)) {
            try (Reclaimer reclaimer = Reclaimer.start(epc);
                    EmulatedEnclave enclave = epc.enclave(List.of(100))) {
                enclave.walk();
                await(() -> Files.exists(folder.resolve("sgx_stats")));
            }
        }

        assertThat(Files.readString(folder.resolve("parameters/sgx_nr_total_epc_pages")))
                .isEqualTo("1024\n");
        assertThat(Files.readString(folder.resolve("parameters/sgx_loaded_back")))
                .isEqualTo("0\n");
        assertThat(Files.readString(folder.resolve("sgx_stats")).strip().split(" ", -1))
                .hasSize(8);
    }

    @Test
    void a_killed_process_gives_back_its_frames_and_its_slot() throws Exception {
        try (EmulatedEpc epc = EmulatedEpc.create(folder, SMALL);
                Reclaimer reclaimer = Reclaimer.start(epc)) {
            Process child = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Child.class.getName(),
                            folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            assertThat(child.getInputStream().read()).isEqualTo('r');

            child.destroyForcibly().waitFor();

            awaitFree(epc, 1024);
            try (EmulatedEnclave next = epc.enclave(List.of(500, 400))) {
                next.walk();
                assertThat(next.slot()).isZero();
                assertThat(next.missed()).isZero();
            }
        }
    }

    /// Pages against its own size without end, until it is killed.
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            EmulatedEpc epc = EmulatedEpc.attach(Path.of(arguments[0]));
            EmulatedEnclave enclave = epc.enclave(Antagonist.ranges(1500));
            enclave.walk();
            System.out.print("r");
            System.out.flush();
            while (true) {
                enclave.walk();
            }
        }
    }

    @Test
    void a_second_reclaimer_stands_by_and_takes_over() throws Exception {
        try (EmulatedEpc epc = EmulatedEpc.create(folder, SMALL)) {
            Reclaimer first = Reclaimer.start(epc);
            await(() -> epc.layout().get(EpcLayout.HEARTBEAT_AT) > 0);
            try (Reclaimer second = Reclaimer.start(epc);
                    EmulatedEnclave enclave = epc.enclave(Antagonist.ranges(1500))) {
                enclave.walk();
                first.close();
                enclave.walk();
                enclave.walk();

                assertThat(enclave.missed()).isZero();
            }
        }
    }

    @Test
    void a_file_that_is_no_pool_is_refused() throws IOException {
        Files.writeString(folder.resolve("epc"), "something else entirely");

        assertThatThrownBy(() -> EmulatedEpc.attach(folder))
                .isInstanceOf(S3mlException.class)
                .hasMessageContaining("SIM-153");
    }
}
