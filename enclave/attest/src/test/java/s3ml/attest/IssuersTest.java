package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The issuers at their borders: a file tree, a recorder of ioctls, a kernel's entries. None of it is hardware.
final class IssuersTest {
    private static final TestPlatform PLATFORM = new TestPlatform();
    private static final ReportData DATA = ReportData.ofDigest(Digest.of(new byte[] {7}));

    @TempDir
    private Path root = Path.of("");

    private Path gramine() throws IOException {
        Path folder = root.resolve("dev/attestation");
        Files.createDirectories(folder.resolve("keys"));
        Files.writeString(folder.resolve("attestation_type"), "dcap\n");
        Files.write(folder.resolve("quote"), PLATFORM.sgxQuote(DATA));
        Files.write(folder.resolve("keys/_sgx_mrenclave"), TestPlatform.fill(16, 1));
        Files.write(folder.resolve("keys/_sgx_mrsigner"), TestPlatform.fill(16, 2));
        return folder;
    }

    @Test
    void Gramine_is_found_and_asked_for_a_quote_over_the_report_data() throws IOException {
        Path folder = gramine();

        Platform platform = PlatformDetection.detect(root);

        assertThat(platform.issuer().name()).isEqualTo("gramine");
        assertThat(Quote.parse(platform.issuer().issue(DATA)).reportData()).isEqualTo(DATA);
        assertThat(Files.readAllBytes(folder.resolve("user_report_data"))).isEqualTo(DATA.bytes());
    }

    @Test
    void a_quote_over_other_report_data_is_refused() throws IOException {
        GramineIssuer issuer = new GramineIssuer(gramine());

        assertThatThrownBy(() -> issuer.issue(ReportData.of(new byte[64])))
                .isInstanceOfSatisfying(
                        S3mlException.class, e -> assertThat(e.code()).isEqualTo("ATT-402"));
    }

    @Test
    void sealing_keys_differ_by_owner_and_context_and_are_the_same_again() throws IOException {
        GramineIssuer keys = new GramineIssuer(gramine());
        byte[] context = {1};

        SecretBytes enclave = keys.derive(SealTo.ENCLAVE, context);

        assertThat(enclave.length()).isEqualTo(32);
        assertThat(enclave).isEqualTo(keys.derive(SealTo.ENCLAVE, context));
        assertThat(enclave).isNotEqualTo(keys.derive(SealTo.SIGNER, context));
        assertThat(enclave).isNotEqualTo(keys.derive(SealTo.ENCLAVE, new byte[] {2}));
    }

    @Test
    void no_TEE_is_a_clear_error() {
        assertThatThrownBy(() -> PlatformDetection.detect(root))
                .isInstanceOf(S3mlException.class)
                .hasMessageContaining("ATT-401")
                .hasMessageContaining("Gramine");
    }

    /// Answers as Occlum's device does, and records what was asked.
    private static final class Recorder implements IoctlDevice {
        private final List<Long> requests = new ArrayList<>();
        private final byte[] quote;
        private boolean closed;

        Recorder(byte[] quote) {
            this.quote = quote;
        }

        @Override
        public int ioctl(long request, MemorySegment argument) {
            requests.add(request);
            if (request == OcclumIssuer.GET_DCAP_QUOTE_SIZE) {
                argument.set(ValueLayout.JAVA_INT, 0, quote.length + 100);
                return 0;
            }
            MemorySegment data = argument.getAtIndex(ValueLayout.ADDRESS, 0).reinterpret(64);
            assertThat(data.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(DATA.bytes());
            MemorySegment size = argument.getAtIndex(ValueLayout.ADDRESS, 1).reinterpret(4);
            assertThat(size.get(ValueLayout.JAVA_INT, 0)).isEqualTo(quote.length + 100);
            argument.getAtIndex(ValueLayout.ADDRESS, 2)
                    .reinterpret(quote.length)
                    .copyFrom(MemorySegment.ofArray(quote));
            size.set(ValueLayout.JAVA_INT, 0, quote.length);
            return 0;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void Occlum_is_asked_for_the_size_and_then_for_the_quote() {
        Recorder device = new Recorder(PLATFORM.sgxQuote(DATA));

        byte[] quote = new OcclumIssuer(() -> device).issue(DATA);

        assertThat(Quote.parse(quote).reportData()).isEqualTo(DATA);
        assertThat(device.requests).containsExactly(0x80047307L, 0xc0187308L);
        assertThat(device.closed).isTrue();
    }

    @Test
    void a_device_that_refuses_the_request_is_not_Occlum() throws IOException {
        Path device = Files.createFile(root.resolve("sgx"));
        IoctlDevice refusing = new IoctlDevice() {
            @Override
            public int ioctl(long request, MemorySegment argument) {
                return -1;
            }

            @Override
            public void close() {}
        };

        assertThat(OcclumIssuer.present(device, () -> refusing)).isFalse();
        assertThat(OcclumIssuer.present(device, () -> NativeDevice.open(device)))
                .isFalse();
    }

    /// The kernel's entries: a folder that fills itself when it is made.
    private static final class Kernel implements ConfigfsTsmIssuer.ReportFiles {
        private final Map<String, byte[]> files = new HashMap<>();
        private final String provider;
        private final int writesBySomebodyElse;
        private boolean removed;

        Kernel(String provider, int writesBySomebodyElse) {
            this.provider = provider;
            this.writesBySomebodyElse = writesBySomebodyElse;
        }

        @Override
        public String create() {
            files.put("provider", (provider + "\n").getBytes(StandardCharsets.US_ASCII));
            files.put("generation", "0\n".getBytes(StandardCharsets.US_ASCII));
            return "entry";
        }

        @Override
        public byte[] read(String entry, String file) throws IOException {
            byte[] content = files.get(file);
            if (content == null) {
                throw new IOException("no " + file);
            }
            return content;
        }

        @Override
        public void write(String entry, String file, byte[] content) {
            assertThat(file).isEqualTo("inblob");
            assertThat(content).isEqualTo(DATA.bytes());
            files.put("outblob", PLATFORM.tdxQuote(DATA));
            files.put("generation", (1 + writesBySomebodyElse + "\n").getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public void remove(String entry) {
            removed = true;
        }
    }

    @Test
    void the_kernel_of_a_TDX_guest_is_asked_and_the_entry_removed() {
        Kernel kernel = new Kernel("tdx_guest", 0);

        byte[] quote = new ConfigfsTsmIssuer(kernel).issue(DATA);

        assertThat(Quote.parse(quote).teeType()).isEqualTo(TeeType.TDX);
        assertThat(kernel.removed).isTrue();
    }

    @Test
    void another_provider_and_a_race_are_refused() {
        Kernel sev = new Kernel("sev_guest", 0);
        Kernel raced = new Kernel("tdx_guest", 1);

        assertThatThrownBy(() -> new ConfigfsTsmIssuer(sev).issue(DATA)).hasMessageContaining("sev_guest");
        assertThatThrownBy(() -> new ConfigfsTsmIssuer(raced).issue(DATA)).hasMessageContaining("2 times");
        assertThat(raced.removed).isTrue();
    }
}
