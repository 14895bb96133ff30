package s3ml.sim.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;

final class SimulatedPlatformTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir
    Path folder;

    private SimulatedPlatform open() {
        return SimulatedPlatform.open(folder, InstantSource.fixed(NOW));
    }

    static EnclaveIdentity enclave(int measurement, int signer, boolean debug) {
        byte[] wide = new byte[48];
        Arrays.fill(wide, (byte) measurement);
        byte[] signerDigest = new byte[32];
        Arrays.fill(signerDigest, (byte) signer);
        return EnclaveIdentity.of(Arrays.copyOf(wide, 32), wide, new EnclaveIdentity.Signed(signerDigest, 3, 7, debug));
    }

    @Test
    void the_chain_in_a_quote_leads_to_the_platforms_root() throws Exception {
        List<X509Certificate> chain = certificates(open().pckChain());

        assertThat(chain).hasSize(3);
        chain.get(0).verify(chain.get(1).getPublicKey());
        chain.get(1).verify(chain.get(2).getPublicKey());
        chain.get(2).verify(chain.get(2).getPublicKey());
        assertThat(chain.get(2).getEncoded()).isEqualTo(open().rootCertificate());
        assertThat(chain.get(2).getBasicConstraints()).isEqualTo(1);
        assertThat(chain.get(0).getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void every_certificate_says_that_it_is_of_no_TEE() throws Exception {
        for (X509Certificate certificate : certificates(open().pckChain())) {
            assertThat(certificate.getSubjectX500Principal().getName()).contains("O=" + SimulatedPlatform.MARK);
            certificate.checkValidity(Date.from(NOW));
        }
    }

    @Test
    void the_revocation_list_of_a_revoked_platform_names_its_PCK() throws Exception {
        PlatformStanding revoked = new PlatformStanding("UpToDate", List.of(), true);
        SimulatedPlatform good = open();
        SimulatedPlatform bad = SimulatedPlatform.open(folder, revoked, InstantSource.fixed(NOW));
        X509Certificate pck = certificates(good.pckChain()).get(0);

        assertThat(crl(good.publication().lists().pck()).isRevoked(pck)).isFalse();
        assertThat(crl(bad.publication().lists().pck()).isRevoked(pck)).isTrue();
    }

    @Test
    void a_platform_opened_again_is_the_same_machine() {
        SimulatedPlatform first = open();
        SimulatedPlatform second = open();
        byte[] context = {1};

        assertThat(second.rootFingerprint()).isEqualTo(first.rootFingerprint());
        assertThat(second.keyForEnclave(enclave(1, 1, false), context))
                .isEqualTo(first.keyForEnclave(enclave(1, 1, false), context));
    }

    @Test
    void a_damaged_folder_is_refused_and_left_alone() throws Exception {
        open();
        Path file = folder.resolve("platform.txt");
        Files.writeString(file, Files.readString(file).substring(10));

        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        S3mlException.class, e -> assertThat(e.code()).isEqualTo("SIM-101"));
    }

    @Test
    void an_enclave_key_depends_on_measurement_context_and_debug_but_not_on_the_signer() {
        SimulatedPlatform platform = open();
        byte[] key = platform.keyForEnclave(enclave(1, 1, false), new byte[] {1});

        assertThat(platform.keyForEnclave(enclave(1, 2, false), new byte[] {1})).isEqualTo(key);
        assertThat(platform.keyForEnclave(enclave(2, 1, false), new byte[] {1})).isNotEqualTo(key);
        assertThat(platform.keyForEnclave(enclave(1, 1, false), new byte[] {2})).isNotEqualTo(key);
        assertThat(platform.keyForEnclave(enclave(1, 1, true), new byte[] {1})).isNotEqualTo(key);
    }

    @Test
    void a_signer_key_survives_a_new_measurement_but_not_another_signer() {
        SimulatedPlatform platform = open();
        byte[] key = platform.keyForSigner(enclave(1, 1, false), new byte[0]);

        assertThat(platform.keyForSigner(enclave(2, 1, false), new byte[0])).isEqualTo(key);
        assertThat(platform.keyForSigner(enclave(1, 2, false), new byte[0])).isNotEqualTo(key);
        assertThat(platform.keyForEnclave(enclave(1, 1, false), new byte[0])).isNotEqualTo(key);
    }

    @Test
    void quotes_of_every_kind_have_the_lengths_that_they_state() {
        SimulatedPlatform platform = open();
        for (EvidenceKind kind : EvidenceKind.values()) {
            byte[] quote = platform.quote(kind, enclave(1, 1, false), new byte[64]);
            int body = switch (kind) {
                case SGX_V3, SGX_V4 -> 384;
                case SGX_V5 -> 390;
                case TDX_V4 -> 584;
                case TDX_V5_TD10 -> 590;
                case TDX_V5_TD15 -> 654;
            };
            int length = (quote[48 + body] & 0xff) | (quote[49 + body] & 0xff) << 8;

            assertThat(quote.length).as(kind.label()).isEqualTo(48 + body + 4 + length);
        }
    }

    @Test
    void documents_are_issued_anew_after_a_day() {
        Instant[] now = {NOW};
        SimulatedPlatform platform = SimulatedPlatform.open(folder, () -> now[0]);
        Publication first = platform.publication();

        now[0] = NOW.plusSeconds(3600);
        assertThat(platform.publication()).isSameAs(first);
        now[0] = NOW.plusSeconds(25 * 3600);
        assertThat(platform.publication().issued()).isEqualTo(now[0]);
    }

    private static List<X509Certificate> certificates(String pem) throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static X509CRL crl(byte[] der) throws Exception {
        return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
    }
}
