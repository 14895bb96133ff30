package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Certificates in another order than leaf, authority, root are refused, and that is what the finding says.
final class ChainOrderTest {
    private static final TestPlatform PLATFORM = new TestPlatform();

    private final Appraiser appraiser = new Appraiser(TestProvider.fastest());

    private Examination examined(byte[] quote, Collateral collateral) {
        return appraiser.examine(quote, collateral, PLATFORM.roots(), TestPlatform.AT);
    }

    private static byte[] chain() {
        return PLATFORM.chain().getBytes(StandardCharsets.US_ASCII);
    }

    private static void assertDisordered(Examination examination, String claim) {
        assertThat(examination.claims()).isEmpty();
        assertThat(examination.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(Check.CHAIN_ORDER.code());
            assertThat(finding.claim()).isEqualTo(claim);
        });
    }

    @Test
    void a_PCK_chain_in_any_other_order_is_refused_in_a_quote_and_beside_one() throws Malformed {
        Map<String, byte[]> orders = ChainChanges.disordered(chain());
        byte[] naming = PLATFORM.sgxQuoteCertifiedBy(1, new byte[36]);

        assertThat(orders).hasSize(5);
        for (byte[] order : orders.values()) {
            byte[] quote = PLATFORM.sgxQuoteCertifiedBy(5, order);
            String text = new String(order, StandardCharsets.US_ASCII);
            assertDisordered(examined(quote, PLATFORM.collateral(TeeType.SGX)), "pckChain.order");
            assertDisordered(examined(naming, PLATFORM.collateral(TeeType.SGX, text)), "pckChain.order");
            byte[] td = PLATFORM.tdxQuoteCertifiedBy(6, 5, order);
            assertDisordered(examined(td, PLATFORM.collateral(TeeType.TDX)), "pckChain.order");
        }
        assertThat(examined(PLATFORM.sgxQuoteCertifiedBy(5, chain()), PLATFORM.collateral(TeeType.SGX))
                        .claims())
                .isPresent();
    }

    @ParameterizedTest
    @EnumSource(
            value = CollateralPiece.class,
            names = {"TCB_CHAIN", "QE_CHAIN"})
    void an_issuer_chain_with_the_root_first_is_refused(CollateralPiece piece) throws Malformed {
        Collateral collateral = PLATFORM.collateral(TeeType.SGX);
        List<byte[]> orders =
                List.copyOf(ChainChanges.disordered(piece.of(collateral)).values());

        assertThat(orders).hasSize(1);
        assertDisordered(
                examined(PLATFORM.sgxQuoteCertifiedBy(5, chain()), piece.in(collateral, orders.getFirst())),
                piece == CollateralPiece.TCB_CHAIN ? "tcbInfo.issuerChain.order" : "qeIdentity.issuerChain.order");
    }

    @Test
    void what_is_no_chain_in_any_order_is_called_so() {
        List<String> all = PLATFORM.certificates();
        for (String chain : List.of(
                all.get(0) + all.get(2) + all.get(2),
                all.get(0) + all.get(0) + all.get(2),
                all.get(1) + all.get(0),
                all.get(0) + all.get(1),
                all.get(0) + all.get(1) + all.get(2) + all.get(2))) {
            byte[] quote = PLATFORM.sgxQuoteCertifiedBy(5, chain.getBytes(StandardCharsets.US_ASCII));

            assertThat(examined(quote, PLATFORM.collateral(TeeType.SGX)).findings())
                    .extracting(Finding::code)
                    .containsExactly(Check.CHAIN_FORM.code());
        }
    }
}
