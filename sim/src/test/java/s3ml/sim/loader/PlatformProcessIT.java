package s3ml.sim.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;
import s3ml.sim.cli.S3mlSim;

/// The platform as a process of its own.
final class PlatformProcessIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private PlatformProcess start() {
        return PlatformProcess.start(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        S3mlSim.class.getName(),
                        "sim",
                        "platform",
                        "--until-stdin-closes",
                        "--state",
                        folder.resolve("state").toString()),
                folder.resolve("platform.log"));
    }

    private EnclaveSpec probe() throws Exception {
        return Probes.spec("probe", Probes.jar(folder, "a"));
    }

    @Test
    void an_enclave_is_loaded_listed_and_stopped_over_the_control_socket() throws Exception {
        try (PlatformProcess platform = start()) {
            PlatformControl.Enclave enclave = platform.control().load(probe(), LIMIT);

            assertThat(enclave.measurement())
                    .isEqualTo(EnclaveMeasurement.of(probe()).mrEnclave().hex());
            assertThat(platform.control().list()).hasSize(1);
            assertThat(platform.control().stop("probe")).isEqualTo(143);
            assertThat(platform.control().list().getFirst().string("state")).isEqualTo("ended");
        }
    }

    @Test
    void a_refusal_comes_with_its_code_and_its_three_parts() {
        try (PlatformProcess platform = start()) {
            assertThatThrownBy(() -> platform.control().stop("nobody"))
                    .isInstanceOf(S3mlException.class)
                    .hasMessage("SIM-108: no such enclave: none is called \"nobody\"; list the enclaves");
        }
    }

    @Test
    void a_killed_platform_takes_its_enclaves_with_it() throws Exception {
        try (PlatformProcess platform = start()) {
            long pid = platform.control().load(probe(), LIMIT).pid();
            ProcessHandle enclave = ProcessHandle.of(pid).orElseThrow();

            platform.kill();

            enclave.onExit().get(20, TimeUnit.SECONDS);
            assertThat(enclave.isAlive()).isFalse();
        }
    }

    @Test
    void a_platform_that_is_told_to_end_leaves_no_process_behind() throws Exception {
        ProcessHandle enclave;
        try (PlatformProcess platform = start()) {
            enclave = ProcessHandle.of(platform.control().load(probe(), LIMIT).pid())
                    .orElseThrow();
        }

        assertThat(enclave.isAlive()).isFalse();
        assertThat(Files.readString(folder.resolve("platform.log"))).contains("SIMULATED");
    }
}
