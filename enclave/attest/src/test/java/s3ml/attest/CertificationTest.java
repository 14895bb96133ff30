package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every type of certification data that a quote may hold.
final class CertificationTest {
    private static final TestPlatform PLATFORM = new TestPlatform();

    private final Appraiser appraiser = new Appraiser(TestProvider.fastest());
    private final Collateral bare = PLATFORM.collateral(TeeType.SGX);
    private final Collateral withChain = PLATFORM.collateral(TeeType.SGX, PLATFORM.chain());

    private List<String> codes(byte[] quote, Collateral collateral) {
        return appraiser.examine(quote, collateral, PLATFORM.roots(), TestPlatform.AT).findings().stream()
                .map(Finding::code)
                .toList();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Plain and encrypted platform identifiers: 36, 276 and 404 bytes.
    @ParameterizedTest
    @CsvSource({"1,36", "2,276", "3,404"})
    void a_quote_that_names_its_platform_is_judged_by_the_chain_beside_it_and_refused_without(int type, int size) {
        byte[] quote = PLATFORM.sgxQuoteCertifiedBy(type, new byte[size]);
        assertThat(codes(quote, withChain)).isEmpty();
        assertThat(codes(quote, bare)).containsExactly(Check.QUOTE_CERTIFICATION.code());

        byte[] td = PLATFORM.tdxQuoteCertifiedBy(6, type, new byte[size]);
        assertThat(codes(td, PLATFORM.collateral(TeeType.TDX, PLATFORM.chain())))
                .isEmpty();
        assertThat(codes(td, PLATFORM.collateral(TeeType.TDX))).containsExactly(Check.QUOTE_CERTIFICATION.code());
    }

    @Test
    void the_chain_of_another_machine_verifies_no_quote_that_names_its_platform() {
        TestPlatform other = new TestPlatform();
        byte[] quote = PLATFORM.sgxQuoteCertifiedBy(1, new byte[36]);

        assertThat(codes(quote, PLATFORM.collateral(TeeType.SGX, other.chain())))
                .contains(Check.CHAIN_ROOT.code(), Check.QE_REPORT_SIGNATURE.code());
    }

    @Test
    void a_leaf_alone_must_be_the_one_that_the_chain_beside_it_begins_with() {
        String leaf = PLATFORM.certificates().getFirst();
        String other = new TestPlatform().certificates().getFirst();

        assertThat(codes(PLATFORM.sgxQuoteCertifiedBy(4, ascii(leaf)), withChain))
                .isEmpty();
        for (byte[] data : List.of(ascii(other), ascii(leaf + leaf), new byte[0])) {
            assertThat(codes(PLATFORM.sgxQuoteCertifiedBy(4, data), withChain))
                    .containsExactly(Check.QUOTE_CERTIFICATION.code());
        }
        assertThat(codes(PLATFORM.sgxQuoteCertifiedBy(4, ascii(leaf)), bare))
                .containsExactly(Check.QUOTE_CERTIFICATION.code());
    }

    @Test
    void a_chain_in_the_quote_needs_none_beside_it_and_suffers_no_other() {
        byte[] quote = PLATFORM.sgxQuoteCertifiedBy(5, ascii(PLATFORM.chain()));

        assertThat(codes(quote, bare)).isEmpty();
        assertThat(codes(quote, withChain)).isEmpty();
        assertThat(codes(quote, PLATFORM.collateral(TeeType.SGX, new TestPlatform().chain())))
                .containsExactly(Check.QUOTE_CERTIFICATION.code());
    }

    /// 6 is the envelope of versions 4 and 5 and holds one of the others; 7 is a platform manifest, which no quote
    /// needs.
    @ParameterizedTest
    @ValueSource(ints = {0, 6, 7, 8, 65_535})
    void other_types_are_refused_with_the_reason(int type) {
        byte[] chain = ascii(PLATFORM.chain());

        assertThat(codes(PLATFORM.sgxQuoteCertifiedBy(type, chain), withChain))
                .containsExactly(Check.QUOTE_LAYOUT.code());
        assertThat(codes(PLATFORM.tdxQuoteCertifiedBy(6, type, chain), PLATFORM.collateral(TeeType.TDX)))
                .containsExactly(Check.QUOTE_LAYOUT.code());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7})
    void versions_above_3_have_no_other_envelope(int type) {
        byte[] chain = ascii(PLATFORM.chain());

        assertThat(codes(PLATFORM.tdxQuoteCertifiedBy(type, 5, chain), PLATFORM.collateral(TeeType.TDX)))
                .containsExactly(Check.QUOTE_LAYOUT.code());
        assertThat(codes(PLATFORM.tdxQuoteCertifiedBy(6, 5, chain), PLATFORM.collateral(TeeType.TDX)))
                .isEmpty();
    }
}
