package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static s3ml.attest.Check.CHAIN_CONSTRAINTS;
import static s3ml.attest.Check.CHAIN_EXPIRED;
import static s3ml.attest.Check.CHAIN_FORM;
import static s3ml.attest.Check.CHAIN_NOT_YET_VALID;
import static s3ml.attest.Check.CHAIN_ROOT;
import static s3ml.attest.Check.CHAIN_SIGNATURE;
import static s3ml.attest.Check.CRL_FORM;
import static s3ml.attest.Check.CRL_SIGNATURE;
import static s3ml.attest.Check.DUPLICATE_MEMBER;
import static s3ml.attest.Check.NOT_COMPACT;
import static s3ml.attest.Check.QE_IDENTITY_FORM;
import static s3ml.attest.Check.QE_IDENTITY_SIGNATURE;
import static s3ml.attest.Check.QE_REPORT_DATA;
import static s3ml.attest.Check.QE_REPORT_SIGNATURE;
import static s3ml.attest.Check.QUOTE_CERTIFICATION;
import static s3ml.attest.Check.QUOTE_KEY_TYPE;
import static s3ml.attest.Check.QUOTE_LAYOUT;
import static s3ml.attest.Check.QUOTE_SIGNATURE;
import static s3ml.attest.Check.QUOTE_TEE_TYPE;
import static s3ml.attest.Check.QUOTE_VENDOR;
import static s3ml.attest.Check.QUOTE_VERSION;
import static s3ml.attest.Check.TCB_INFO_FORM;
import static s3ml.attest.Check.TCB_INFO_SIGNATURE;
import static s3ml.attest.Check.TDX_MODULE;
import static s3ml.attest.TestPlatform.AT;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// More than a hundred thousand mutants of valid evidence, by a fixed seed: none is accepted unless it says the same,
/// none
/// crashes the appraiser, and each is refused by the check that guards the changed place.
final class MutantsTest {
    private static final long SEED = 20_261_124;
    private static final int IN_QUOTES = 3_400;
    private static final int IN_COLLATERAL = 5_000;
    private static final int SPLICES = 5_000;

    private static final TestPlatform PLATFORM = new TestPlatform();
    private static final TestPlatform OTHER = new TestPlatform();
    private static final ReportData DATA = ReportData.ofDigest(Digest.of(new byte[] {1}));
    private static final byte[] SGX = PLATFORM.sgxQuote(DATA);
    private static final byte[] TDX = PLATFORM.tdxQuote(DATA);
    private static final Collateral SGX_COLLATERAL = PLATFORM.collateral(TeeType.SGX);
    private static final Collateral TDX_COLLATERAL = PLATFORM.collateral(TeeType.TDX);

    /// What keeps verified material gives the same verdicts as what keeps nothing ([KeptMaterialTest]), ten times as
    /// fast.
    private final Appraiser appraiser = new Appraiser(TestProvider.fastest(), Keep.PLATFORMS);

    /// A part of a quote, and what a change in it may be refused by.
    record Region(String name, TeeType tee, int from, int to, Set<Check> checks) {
        static Region of(String name, TeeType tee, int from, int to, Check first, Check... more) {
            return new Region(name, tee, from, to, EnumSet.of(first, more));
        }

        byte[] quote() {
            return tee == TeeType.SGX ? SGX : TDX;
        }

        Collateral collateral() {
            return tee == TeeType.SGX ? SGX_COLLATERAL : TDX_COLLATERAL;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Region> regions() {
        Check[] chain = {
            CHAIN_SIGNATURE, CHAIN_ROOT, CHAIN_EXPIRED, CHAIN_NOT_YET_VALID, CHAIN_CONSTRAINTS, QUOTE_LAYOUT
        };
        int sgxKey = 48 + 384 + 4 + 64;
        int tdxKey = 48 + 584 + 4 + 64;
        int sgxQe = sgxKey + 64;
        int tdxQe = tdxKey + 64 + 6;
        int sgxChain = sgxQe + 384 + 64 + 2 + 32 + 6;
        int tdxChain = tdxQe + 384 + 64 + 2 + 32 + 6;
        return Stream.of(
                Region.of(
                        "sgx.header",
                        TeeType.SGX,
                        0,
                        48,
                        QUOTE_SIGNATURE,
                        QUOTE_VERSION,
                        QUOTE_KEY_TYPE,
                        QUOTE_TEE_TYPE,
                        QUOTE_VENDOR,
                        QUOTE_LAYOUT),
                Region.of("sgx.body", TeeType.SGX, 48, 432, QUOTE_SIGNATURE),
                Region.of("sgx.signature", TeeType.SGX, 436, sgxKey, QUOTE_SIGNATURE),
                Region.of("sgx.attestationKey", TeeType.SGX, sgxKey, sgxQe, QE_REPORT_DATA),
                Region.of("sgx.qeReport", TeeType.SGX, sgxQe, sgxQe + 384, QE_REPORT_SIGNATURE),
                Region.of("sgx.qeReportSignature", TeeType.SGX, sgxQe + 384, sgxQe + 448, QE_REPORT_SIGNATURE),
                Region.of("sgx.authData", TeeType.SGX, sgxQe + 450, sgxQe + 482, QE_REPORT_DATA),
                Region.of(
                        "sgx.lengths",
                        TeeType.SGX,
                        432,
                        436,
                        QUOTE_LAYOUT,
                        CHAIN_FORM,
                        CHAIN_SIGNATURE,
                        QUOTE_CERTIFICATION),
                Region.of("sgx.chain", TeeType.SGX, sgxChain, SGX.length, CHAIN_FORM, chain),
                Region.of("tdx.body", TeeType.TDX, 48, 632, QUOTE_SIGNATURE, TDX_MODULE),
                Region.of("tdx.signature", TeeType.TDX, 636, tdxKey, QUOTE_SIGNATURE),
                Region.of("tdx.attestationKey", TeeType.TDX, tdxKey, tdxKey + 64, QE_REPORT_DATA),
                Region.of("tdx.qeReport", TeeType.TDX, tdxQe, tdxQe + 384, QE_REPORT_SIGNATURE),
                Region.of("tdx.authData", TeeType.TDX, tdxQe + 450, tdxQe + 482, QE_REPORT_DATA),
                Region.of("tdx.lengths", TeeType.TDX, tdxKey + 64, tdxKey + 70, QUOTE_LAYOUT),
                Region.of("tdx.chain", TeeType.TDX, tdxChain, TDX.length, CHAIN_FORM, chain));
    }

    @ParameterizedTest
    @MethodSource("regions")
    void a_changed_quote_is_refused_by_the_check_of_the_changed_place(Region region) {
        Mutations mutations = new Mutations(SEED + region.name.hashCode());
        int from = region.from;
        int to = region.to;
        for (int i = 0; i < IN_QUOTES; i++) {
            byte[] mutant = i % 2 == 0
                    ? mutations.flip(region.quote(), from, to)
                    : mutations.overwrite(region.quote(), from, to);
            if (!sameMeaning(mutant, region.quote())) {
                assertRefused(mutant, region.collateral(), region.checks, region.name + " " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("regions")
    void a_cut_stretched_or_torn_quote_is_refused(Region region) {
        Mutations mutations = new Mutations(SEED ^ region.name.hashCode());
        for (int i = 0; i < IN_QUOTES / 4; i++) {
            byte[] mutant = mutations.any(region.quote(), region.from, region.to);
            if (!sameMeaning(mutant, region.quote())) {
                assertRefused(mutant, region.collateral(), EnumSet.allOf(Check.class), region.name + " " + i);
            }
        }
    }

    @Test
    void a_quote_spliced_from_two_valid_ones_is_refused() {
        Mutations mutations = new Mutations(SEED);
        byte[] sameMachine = PLATFORM.sgxQuote(ReportData.ofDigest(Digest.of(new byte[] {2})));
        byte[] otherMachine = OTHER.sgxQuote(DATA);
        for (int i = 0; i < SPLICES; i++) {
            byte[] mutant = i % 2 == 0
                    ? mutations.splice(SGX, sameMachine, 0, SGX.length)
                    : mutations.splice(SGX, otherMachine, 0, Math.min(SGX.length, otherMachine.length));
            if (!sameMeaning(mutant, SGX) && !sameMeaning(mutant, sameMachine)) {
                assertRefused(mutant, SGX_COLLATERAL, EnumSet.allOf(Check.class), "splice " + i);
            }
        }
    }

    /// A piece of collateral, and what a change in it may be refused by.
    enum Piece {
        ROOT_CRL(CRL_FORM, CRL_SIGNATURE),
        PCK_CRL(CRL_FORM, CRL_SIGNATURE),
        TCB_INFO(TCB_INFO_FORM, TCB_INFO_SIGNATURE, DUPLICATE_MEMBER, NOT_COMPACT),
        TCB_SIGNATURE(TCB_INFO_SIGNATURE),
        TCB_CHAIN(
                CHAIN_FORM,
                CHAIN_SIGNATURE,
                CHAIN_CONSTRAINTS,
                CHAIN_ROOT,
                CHAIN_EXPIRED,
                CHAIN_NOT_YET_VALID,
                TCB_INFO_SIGNATURE,
                CRL_SIGNATURE),
        QE_IDENTITY(QE_IDENTITY_FORM, QE_IDENTITY_SIGNATURE, DUPLICATE_MEMBER, NOT_COMPACT),
        QE_SIGNATURE(QE_IDENTITY_SIGNATURE);

        @SuppressWarnings("ImmutableEnumChecker") // List.copyOf
        private final List<Check> checks;

        Piece(Check first, Check... more) {
            this.checks = List.copyOf(EnumSet.of(first, more));
        }

        Set<Check> checks() {
            return EnumSet.copyOf(checks);
        }

        byte[] of(Collateral from) {
            return switch (this) {
                case ROOT_CRL -> from.crls().rootCrl();
                case PCK_CRL -> from.crls().pckCrl();
                case TCB_INFO -> from.tcbInfo().exactBytes();
                case TCB_SIGNATURE -> from.tcbInfo().signature().getBytes(StandardCharsets.ISO_8859_1);
                case TCB_CHAIN -> from.tcbInfo().issuerChain().getBytes(StandardCharsets.ISO_8859_1);
                case QE_IDENTITY -> from.qeIdentity().exactBytes();
                case QE_SIGNATURE -> from.qeIdentity().signature().getBytes(StandardCharsets.ISO_8859_1);
            };
        }

        Collateral in(Collateral whole, byte[] content) {
            Crls crls = whole.crls();
            SignedText tcb = whole.tcbInfo();
            SignedText qe = whole.qeIdentity();
            String text = new String(content, StandardCharsets.ISO_8859_1);
            return switch (this) {
                case ROOT_CRL -> with(new Crls("", content, crls.pckCrl()), tcb, qe);
                case PCK_CRL -> with(new Crls("", crls.rootCrl(), content), tcb, qe);
                case TCB_INFO -> with(crls, SignedText.ofBytes(tcb.issuerChain(), content, tcb.signature()), qe);
                case TCB_SIGNATURE -> with(crls, SignedText.of(tcb.issuerChain(), tcb.text(), text), qe);
                case TCB_CHAIN -> with(crls, SignedText.of(text, tcb.text(), tcb.signature()), qe);
                case QE_IDENTITY -> with(crls, tcb, SignedText.ofBytes(qe.issuerChain(), content, qe.signature()));
                case QE_SIGNATURE -> with(crls, tcb, SignedText.of(qe.issuerChain(), qe.text(), text));
            };
        }

        private static Collateral with(Crls crls, SignedText tcb, SignedText qe) {
            return new Collateral(crls, tcb, qe, null);
        }
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.EnumSource(Piece.class)
    void changed_collateral_is_refused_by_the_check_of_the_changed_piece(Piece piece) {
        Mutations mutations = new Mutations(SEED + piece.name().hashCode());
        byte[] original = piece.of(SGX_COLLATERAL);
        for (int i = 0; i < IN_COLLATERAL; i++) {
            byte[] mutant = i % 2 == 0
                    ? mutations.flip(original, 0, original.length)
                    : mutations.any(original, 0, original.length);
            if (!sameMeaning(piece, mutant, original)) {
                assertRefused(SGX, piece.in(SGX_COLLATERAL, mutant), piece.checks(), piece + " " + i);
            }
        }
    }

    private void assertRefused(byte[] quote, Collateral collateral, Set<Check> checks, String what) {
        Examination examination = appraiser.examine(quote, collateral, PLATFORM.roots(), AT);
        if (examination.claims().isPresent()) {
            throw new AssertionError("accepted: " + what + ", seed " + SEED);
        }
        if (examination.findings().stream().noneMatch(finding -> checks.contains(Check.of(finding.code())))) {
            throw new AssertionError(what + ", seed " + SEED + ": " + examination.findings());
        }
    }

    /// Whether a mutant says exactly what the original says: changed only where nothing means anything, as behind the
    /// signature data, between certificates, or in the unused bits of base64.
    private static boolean sameMeaning(byte[] mutant, byte[] original) {
        try {
            Quote one = QuoteParser.parse(mutant);
            Quote other = QuoteParser.parse(original);
            return one.signed().contentEquals(other.signed())
                    && one.signature()
                            .quoteSignature()
                            .contentEquals(other.signature().quoteSignature())
                    && one.signature()
                            .certified()
                            .contentEquals(other.signature().certified())
                    && one.certificationDataType() == other.certificationDataType()
                    && blocks(one.certificationData()).equals(blocks(other.certificationData()));
        } catch (Refusal | Malformed e) {
            return false;
        }
    }

    private static boolean sameMeaning(Piece piece, byte[] mutant, byte[] original) {
        try {
            return switch (piece) {
                case ROOT_CRL, PCK_CRL ->
                    mutant.length >= original.length && Arrays.equals(Arrays.copyOf(mutant, original.length), original);
                case TCB_SIGNATURE, QE_SIGNATURE ->
                    new String(mutant, StandardCharsets.ISO_8859_1)
                            .equalsIgnoreCase(new String(original, StandardCharsets.ISO_8859_1));
                case TCB_CHAIN ->
                    new HashSet<>(blocks(mutant)).equals(new HashSet<>(blocks(original)))
                            && blocks(mutant).size() == 2;
                case TCB_INFO, QE_IDENTITY -> Arrays.equals(mutant, original);
            };
        } catch (Malformed e) {
            return false;
        }
    }

    private static List<ByteView> blocks(byte[] pem) throws Malformed {
        return Pem.blocks(pem, 0, pem.length, "CERTIFICATE").stream()
                .map(ByteView::of)
                .toList();
    }

    @Test
    void the_suite_has_more_than_a_hundred_thousand_mutants() {
        long regions = regions().count();

        assertThat(regions * IN_QUOTES
                        + regions * (IN_QUOTES / 4)
                        + SPLICES
                        + (long) Piece.values().length * IN_COLLATERAL)
                .isGreaterThan(100_000);
    }
}
