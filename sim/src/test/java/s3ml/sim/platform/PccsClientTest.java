package s3ml.sim.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.Digest;
import s3ml.attest.Examination;
import s3ml.attest.Finding;
import s3ml.attest.PccsClient;
import s3ml.attest.Quote;
import s3ml.attest.S3mlException;
import s3ml.attest.SignedText;
import s3ml.attest.TeeType;
import s3ml.attest.json.Json;

/// The collateral client of the verifier against the simulated platform's PCCS, over HTTP.
final class PccsClientTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final EnclaveIdentity ENCLAVE = SimulatedPlatformTest.enclave(0xf1, 1, false);
    /// Of a version 3 quote: header, body and length of the signature data; then signatures, key, QE report, 32 bytes.
    private static final int SIGNATURE_LENGTH = 48 + 384;

    private static final int CERTIFICATION = SIGNATURE_LENGTH + 4 + 64 + 64 + 384 + 64 + 2 + 32;

    private static SimulatedPlatform platform;
    private static PccsServer server;
    private static PccsClient client;

    @BeforeAll
    static void start(@TempDir Path folder) {
        platform = SimulatedPlatform.open(folder, InstantSource.fixed(NOW));
        server = PccsServer.start(platform);
        client = PccsClient.at(server.address());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Examination examine(byte[] quote, Collateral collateral) {
        return new Appraiser(null).examine(quote, collateral, Set.of(Digest.of(platform.rootCertificate())), NOW);
    }

    /// The same quote with other certification data: nothing signs that.
    private static byte[] certifiedBy(int type, byte[] data) {
        byte[] quote = platform.quote(EvidenceKind.SGX_V3, ENCLAVE, new byte[64]);
        ByteBuffer changed =
                ByteBuffer.allocate(CERTIFICATION + 6 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        changed.put(quote, 0, CERTIFICATION)
                .putShort((short) type)
                .putInt(data.length)
                .put(data);
        changed.putInt(SIGNATURE_LENGTH, changed.capacity() - SIGNATURE_LENGTH - 4);
        return changed.array();
    }

    private static byte[] identifier(byte[] ppid) {
        return ByteBuffer.allocate(ppid.length + 20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(ppid)
                .put(PlatformIdentity.CPU_SVN)
                .putShort((short) PlatformIdentity.PCE_SVN)
                .put(PlatformIdentity.PCE_ID)
                .array();
    }

    @ParameterizedTest
    @EnumSource
    void what_the_PCCS_serves_for_a_quote_of_any_kind_verifies_it(EvidenceKind kind) {
        byte[] quote = platform.quote(kind, ENCLAVE, new byte[64]);

        Collateral collateral = client.collateralFor(Quote.parse(quote));

        assertThat(collateral).isEqualTo(Collateral.parse(platform.collateralJson(kind)));
        assertThat(examine(quote, collateral).findings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 256, 384})
    void a_quote_that_only_names_its_platform_is_completed_by_the_PCCS(int bytes) {
        byte[] ppid = bytes == 16 ? platform.identity().ppid() : new byte[bytes];
        byte[] quote = certifiedBy(bytes == 16 ? 1 : bytes == 256 ? 2 : 3, identifier(ppid));

        Collateral collateral = client.collateralFor(Quote.parse(quote));

        assertThat(collateral.pckChain()).isPresent();
        assertThat(examine(quote, collateral).claims()).isPresent();
    }

    @Test
    void a_quote_that_holds_only_its_certificate_is_completed_by_the_PCCS() {
        byte[] leaf = platform.publication().chains().pckLeaf().getBytes(StandardCharsets.US_ASCII);
        byte[] quote = certifiedBy(4, leaf);

        assertThat(examine(quote, client.collateralFor(Quote.parse(quote))).claims())
                .isPresent();
    }

    @Test
    void the_certificate_in_a_quote_must_be_the_one_in_the_collateral(@TempDir Path folder) {
        byte[] other = SimulatedPlatform.open(folder, InstantSource.fixed(NOW))
                .publication()
                .chains()
                .pckLeaf()
                .getBytes(StandardCharsets.US_ASCII);
        byte[] own = platform.publication().chains().pckLeaf().getBytes(StandardCharsets.US_ASCII);
        Collateral collateral = client.collateralFor(Quote.parse(certifiedBy(4, own)));

        assertThat(examine(certifiedBy(4, other), collateral).findings())
                .extracting(Finding::code)
                .contains("ATT-106");
    }

    @Test
    void a_PCCS_that_answers_with_another_platforms_certificate_is_refused() {
        byte[] quote = certifiedBy(1, identifier(new byte[16]));

        assertThatThrownBy(() -> client.collateralFor(Quote.parse(quote)))
                .hasMessageContaining("ATT-303")
                .hasMessageContaining("another platform");
    }

    @Test
    void certification_data_of_the_wrong_length_is_refused_before_anything_is_asked() {
        byte[] quote = certifiedBy(3, new byte[403]);

        assertThatThrownBy(() -> client.collateralFor(Quote.parse(quote))).hasMessageContaining("403 bytes, not 404");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void Intels_own_service_is_not_asked_for_what_it_cannot_know(int type) {
        byte[] quote = certifiedBy(type, identifier(new byte[type == 1 ? 16 : 256]));
        PccsClient intel = PccsClient.at(URI.create("https://api.trustedservices.intel.com"));

        assertThatThrownBy(() -> intel.collateralFor(Quote.parse(quote))).hasMessageContaining("RSA-3072");
    }

    @Test
    void a_platform_that_the_PCCS_does_not_know_is_refused_with_its_reason() {
        byte[] quote = certifiedBy(3, identifier(new byte[384]));
        quote[28] ^= 1;

        assertThatThrownBy(() -> client.collateralFor(Quote.parse(quote)))
                .isInstanceOfSatisfying(
                        S3mlException.class, e -> assertThat(e.code()).isEqualTo("ATT-302"))
                .hasMessageContaining("461")
                .hasMessageContaining("the platform is unknown");
    }

    @Test
    void the_kinds_of_platforms_are_listed() {
        assertThat(client.fmspcs()).contains(PlatformIdentity.fmspcHex());
    }

    @ParameterizedTest
    @EnumSource
    void the_TCB_evaluations_are_signed_and_name_the_served_one(TeeType tee) {
        SignedText numbers = client.tcbEvaluationDataNumbers(tee);

        assertThat(Json.parseObject(numbers.text()).string("id")).isEqualTo(tee.name());
        assertThat(Json.parseObject(numbers.text()).array("tcbEvalNumbers").objects())
                .extracting(each -> each.number("tcbEvaluationDataNumber"))
                .contains((long) TcbDocuments.EVALUATION_DATA_NUMBER);
        assertThat(numbers.issuerChain())
                .isEqualTo(platform.publication().chains().tcbSigning());
    }

    @Test
    void the_identity_of_the_quote_verification_enclave_is_served() {
        assertThat(Json.parseObject(client.qveIdentity().text()).string("id")).isEqualTo("QVE");
    }

    @Test
    void a_list_is_fetched_by_its_distribution_point() {
        byte[] root = client.rootCrl();

        assertThat(client.crl(URI.create(PccsServer.ROOT_LIST))).isEqualTo(root);
        assertThatThrownBy(() -> client.crl(URI.create("https://example.com/other.der?a=b&c=d")))
                .hasMessageContaining("404");
    }

    @Test
    void a_retired_or_early_evaluation_is_asked_for_as_the_caller_says() {
        byte[] quote = platform.quote(EvidenceKind.SGX_V3, ENCLAVE, new byte[64]);

        assertThat(client.withUpdate("early").collateralFor(Quote.parse(quote)))
                .isEqualTo(client.withTcbEvaluationDataNumber(20).collateralFor(Quote.parse(quote)));
        assertThat(Arrays.equals(
                        client.rootCrl(), platform.publication().lists().root()))
                .isTrue();
    }
}
