package s3ml.sim.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;
import s3ml.sim.platform.SimulatedPlatform;

/// Run-time images and class archives, by the real jlink and JVM, and enclaves that run on them.
final class RuntimeImageIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Path JDK = Path.of(System.getProperty("java.home"));
    private static final String ARCHIVE = "classes.jsa";

    @TempDir
    static Path builds;

    private static RuntimeImage runtime;

    @TempDir
    Path folder;

    private Loader loader;

    @BeforeAll
    static void link() {
        runtime = RuntimeImage.of(builds.resolve("one"), JDK);
        runtime.image();
    }

    @BeforeEach
    void open() {
        SimulatedPlatform platform = SimulatedPlatform.open(folder.resolve("state"), InstantSource.system());
        loader = Loader.open(platform, folder.resolve("state"));
    }

    @AfterEach
    void close() {
        loader.close();
    }

    private Path probe(String salt) throws Exception {
        return Probes.jar(Files.createDirectories(folder.resolve(salt)), salt);
    }

    private Path archive(RuntimeImage image, Path jar) throws Exception {
        Path list = Files.writeString(
                folder.resolve("classes.list"),
                "java/lang/Object\n" + ProbeEnclave.class.getName().replace('.', '/') + "\nno/such/Class\n",
                StandardCharsets.UTF_8);
        return image.archive("probe", List.of(jar), list);
    }

    private static EnclaveSpec spec(Path jar, Path archive) {
        EnclaveSpec probe = Probes.spec("probe", jar);
        List<String> options = new ArrayList<>(Probes.OPTIONS);
        options.addAll(Distribution.ARCHIVED);
        return new EnclaveSpec(
                probe.name(),
                runtime.image(),
                new EnclaveSpec.Parts(probe.parts().classPath(), List.of(), Map.of(ARCHIVE, archive)),
                new EnclaveSpec.Call(options, probe.call().mainClass(), List.of()),
                probe.signature(),
                probe.evidence());
    }

    @Test
    void the_same_JDK_jars_and_class_list_give_the_same_bytes() throws Exception {
        RuntimeImage other = RuntimeImage.of(builds.resolve("two"), JDK);
        Path jar = probe("a");

        Path first = archive(runtime, jar);
        Path second = archive(other, jar);

        assertThat(second).isNotEqualTo(first).hasSameBinaryContentAs(first);
        EnclaveSpec here = spec(jar, first);
        EnclaveSpec there = new EnclaveSpec(
                here.name(), other.image(), here.parts(), here.call(), here.signature(), here.evidence());
        assertThat(EnclaveMeasurement.of(there).text())
                .isEqualTo(EnclaveMeasurement.of(here).text());
    }

    /// Makes an archive as a process of its own: home, jar, class list.
    static final class Elsewhere {
        public static void main(String[] arguments) {
            RuntimeImage.of(Path.of(arguments[0]), JDK)
                    .archive("probe", List.of(Path.of(arguments[1])), Path.of(arguments[2]));
        }
    }

    @Test
    void locale_and_options_of_who_builds_do_not_count() throws Exception {
        Path jar = probe("a");
        Path first = archive(runtime, jar);
        Path home = folder.resolve("elsewhere");
        ProcessBuilder builder = new ProcessBuilder(
                JDK.resolve("bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Elsewhere.class.getName(),
                home.toString(),
                jar.toString(),
                folder.resolve("classes.list").toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Duser.language=tr -Duser.timezone=Asia/Kathmandu");

        assertThat(builder.redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile())
                        .start()
                        .waitFor())
                .isZero();

        assertThat(RuntimeImage.of(home, JDK).archive("probe", List.of(jar), folder.resolve("classes.list")))
                .hasSameBinaryContentAs(first);
    }

    @Test
    void an_enclave_runs_from_the_archive_of_its_jars() throws Exception {
        Path jar = probe("a");
        loader.start(spec(jar, archive(runtime, jar)));

        assertThat(loader.awaitReady("probe", LIMIT).string("state")).isEqualTo("ready");
    }

    @Test
    void an_archive_of_another_jar_ends_the_enclave_which_says_why() throws Exception {
        Path archive = archive(runtime, probe("a"));

        loader.start(spec(probe("a-longer-one"), archive));

        assertThatThrownBy(() -> loader.awaitReady("probe", LIMIT)).isInstanceOfSatisfying(S3mlException.class, e -> {
            assertThat(e.code()).isEqualTo("SIM-105");
            assertThat(e).hasMessageContaining("archive");
        });
    }

    @Test
    void one_changed_byte_of_the_archive_makes_another_enclave() throws Exception {
        Path jar = probe("a");
        EnclaveSpec spec = spec(jar, archive(runtime, jar));
        byte[] bytes = Files.readAllBytes(spec.parts().data().get(ARCHIVE));
        bytes[bytes.length - 1] ^= 1;
        Path changed = Files.write(folder.resolve("changed.jsa"), bytes);

        assertThat(EnclaveMeasurement.of(spec(jar, changed)).mrEnclave())
                .isNotEqualTo(EnclaveMeasurement.of(spec).mrEnclave());
    }

    @Test
    void a_missing_archive_is_named_and_nothing_is_started() throws Exception {
        EnclaveSpec spec = spec(probe("a"), folder.resolve("gone.jsa"));

        assertThatThrownBy(() -> loader.start(spec))
                .isInstanceOfSatisfying(
                        S3mlException.class, e -> assertThat(e.code()).isEqualTo("SIM-104"))
                .hasMessageContaining("gone.jsa");
        assertThat(loader.list()).isEmpty();
    }

    @Test
    void another_jar_gives_another_archive_in_place_of_the_old_one() throws Exception {
        Path first = archive(runtime, probe("a"));
        Path second = archive(runtime, probe("b"));

        assertThat(second).exists().isNotEqualTo(first);
        assertThat(first).doesNotExist();
    }

    @Test
    void both_enclaves_of_this_build_are_measured_with_their_archives() {
        for (Distribution.Kind kind : Distribution.Kind.values()) {
            EnclaveSpec spec = Distribution.at(Path.of("..")).spec(kind);

            assertThat(EnclaveMeasurement.of(spec).text()).contains("data " + ARCHIVE + " ");
            assertThat(spec.call().jvmOptions()).contains("-Xshare:on", "-XX:SharedArchiveFile=data/" + ARCHIVE);
        }
    }
}
