package s3ml.sim.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.sim.enclave.Frame;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.SimulatedPlatform;

/// The loader with real child processes.
final class LoaderIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int MR_ENCLAVE_IN_V3_QUOTE = 48 + 64;
    private static final int ATTRIBUTES_IN_V3_QUOTE = 48 + 48;
    private static final int DEBUG = 2;

    @TempDir
    Path folder;

    private SimulatedPlatform platform;
    private Loader loader;

    @BeforeEach
    void open() {
        platform = SimulatedPlatform.open(folder.resolve("state"), InstantSource.system());
        loader = Loader.open(platform, folder.resolve("state"));
    }

    @AfterEach
    void close() {
        loader.close();
    }

    private JsonObject load(EnclaveSpec spec) throws Exception {
        loader.start(spec);
        return loader.awaitReady(spec.name(), LIMIT);
    }

    private Path probe(String salt) throws Exception {
        return Probes.jar(Files.createDirectories(folder.resolve(salt)), salt);
    }

    private static byte[] quote(JsonObject enclave) {
        return HexFormat.of().parseHex(enclave.object("ready").string("quote"));
    }

    @Test
    void the_quote_of_an_enclave_carries_the_measurement_that_its_files_have() throws Exception {
        EnclaveSpec spec = Probes.spec("probe", probe("a"));
        JsonObject enclave = load(spec);
        Digest expected = EnclaveMeasurement.of(spec).mrEnclave();

        assertThat(enclave.string("measurement")).isEqualTo(expected.hex());
        assertThat(quote(enclave)).startsWith(3, 0);
        assertThat(java.util.Arrays.copyOfRange(quote(enclave), MR_ENCLAVE_IN_V3_QUOTE, MR_ENCLAVE_IN_V3_QUOTE + 32))
                .isEqualTo(expected.bytes());
    }

    @Test
    void one_changed_byte_of_one_jar_makes_another_enclave_with_other_keys() throws Exception {
        JsonObject first = load(Probes.spec("first", probe("a")));
        JsonObject second = load(Probes.spec("second", probe("b")));

        assertThat(second.string("measurement")).isNotEqualTo(first.string("measurement"));
        assertThat(second.object("ready").string("enclaveKey"))
                .isNotEqualTo(first.object("ready").string("enclaveKey"));
        assertThat(second.object("ready").string("signerKey"))
                .isEqualTo(first.object("ready").string("signerKey"));
    }

    @Test
    void a_debug_enclave_is_marked_and_gets_other_keys() throws Exception {
        EnclaveSpec spec = Probes.spec("production", probe("a"));
        JsonObject production = load(spec);
        JsonObject debug = load(spec.started("debug", List.of())
                .signed(new EnclaveSpec.SignerStatement(java.util.Optional.empty(), 1, 1, true)));

        assertThat(quote(production)[ATTRIBUTES_IN_V3_QUOTE] & DEBUG).isZero();
        assertThat(quote(debug)[ATTRIBUTES_IN_V3_QUOTE] & DEBUG).isEqualTo(DEBUG);
        assertThat(debug.string("measurement")).isEqualTo(production.string("measurement"));
        assertThat(debug.object("ready").string("enclaveKey"))
                .isNotEqualTo(production.object("ready").string("enclaveKey"));
    }

    @Test
    void nothing_of_the_hosts_environment_reaches_an_enclave() throws Exception {
        JsonObject enclave = load(Probes.spec("probe", probe("a")));

        assertThat(enclave.object("ready").array("environment").strings())
                .containsExactlyInAnyOrder("LC_ALL", "MALLOC_ARENA_MAX");
    }

    @Test
    void an_enclave_that_ends_before_it_is_ready_is_reported_with_its_last_words() throws Exception {
        loader.start(Probes.spec("probe", probe("a")).started("probe", List.of("--fail")));

        assertThatThrownBy(() -> loader.awaitReady("probe", LIMIT)).isInstanceOfSatisfying(S3mlException.class, e -> {
            assertThat(e.code()).isEqualTo("SIM-105");
            assertThat(e).hasMessageContaining("exit status 3").hasMessageContaining("told to");
        });
    }

    @Test
    void a_missing_file_is_named_and_nothing_is_started() throws Exception {
        EnclaveSpec spec = Probes.spec("probe", folder.resolve("missing.jar"));

        assertThatThrownBy(() -> loader.start(spec))
                .isInstanceOfSatisfying(
                        S3mlException.class, e -> assertThat(e.code()).isEqualTo("SIM-104"))
                .hasMessageContaining("missing.jar");
        assertThat(loader.list()).isEmpty();
    }

    @Test
    void a_second_platform_cannot_take_the_same_folder() {
        assertThatThrownBy(() -> Loader.open(platform, folder.resolve("state")))
                .isInstanceOfSatisfying(
                        S3mlException.class, e -> assertThat(e.code()).isEqualTo("SIM-102"));
    }

    @Test
    void a_caller_without_the_token_gets_no_quote_and_does_not_spoil_the_line() throws Exception {
        byte[] zeros = new byte[32];
        EnclaveIdentity identity =
                EnclaveIdentity.of(zeros, new byte[48], new EnclaveIdentity.Signed(zeros, 0, 0, false));
        Path path = loader.sockets().resolve("line");
        try (EnclaveSocket socket = EnclaveSocket.open(platform, identity, EvidenceKind.SGX_V3, path)) {
            assertThat(hello(path, zeros).kind()).isEqualTo(Frame.REFUSED);
            assertThat(hello(path, socket.token()).kind()).isEqualTo(Frame.DONE);
            assertThatThrownBy(() -> hello(path, socket.token())).isInstanceOf(java.io.IOException.class);
        }
    }

    private static Frame hello(Path path, byte[] token) throws Exception {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            Frame.of(Frame.HELLO, token).write(new DataOutputStream(Channels.newOutputStream(channel)));
            return Frame.read(new DataInputStream(Channels.newInputStream(channel)));
        }
    }

    @Test
    void closing_the_loader_ends_every_enclave_and_removes_their_files() throws Exception {
        List<ProcessHandle> processes = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            JsonObject enclave = load(Probes.spec(name, probe("a")));
            processes.add(ProcessHandle.of(enclave.number("pid")).orElseThrow());
        }

        loader.close();

        assertThat(processes).noneMatch(ProcessHandle::isAlive);
        assertThat(folder.resolve("state/enclaves")).doesNotExist();
        loader = Loader.open(platform, folder.resolve("state"));
    }
}
