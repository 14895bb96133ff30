package s3ml.attest;

import static s3ml.attest.Check.CHAIN_CONSTRAINTS;
import static s3ml.attest.Check.CHAIN_EXPIRED;
import static s3ml.attest.Check.CHAIN_FORM;
import static s3ml.attest.Check.CHAIN_NOT_YET_VALID;
import static s3ml.attest.Check.CHAIN_ORDER;
import static s3ml.attest.Check.CHAIN_ROOT;
import static s3ml.attest.Check.CHAIN_SIGNATURE;
import static s3ml.attest.Check.CRL_EXPIRED;
import static s3ml.attest.Check.CRL_FORM;
import static s3ml.attest.Check.CRL_SIGNATURE;
import static s3ml.attest.Check.DUPLICATE_MEMBER;
import static s3ml.attest.Check.NOT_COMPACT;
import static s3ml.attest.Check.QE_IDENTITY_FORM;
import static s3ml.attest.Check.QE_IDENTITY_SIGNATURE;
import static s3ml.attest.Check.QUOTE_CERTIFICATION;
import static s3ml.attest.Check.TCB_INFO_FORM;
import static s3ml.attest.Check.TCB_INFO_SIGNATURE;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A piece of collateral, with the checks one of which refuses a change in it.
enum CollateralPiece {
    ROOT_CRL(CRL_FORM, CRL_SIGNATURE),
    PCK_CRL(CRL_FORM, CRL_SIGNATURE),
    TCB_INFO(TCB_INFO_FORM, TCB_INFO_SIGNATURE, DUPLICATE_MEMBER, NOT_COMPACT),
    TCB_SIGNATURE(TCB_INFO_SIGNATURE),
    TCB_CHAIN(
            CHAIN_FORM,
            CHAIN_SIGNATURE,
            CHAIN_CONSTRAINTS,
            CHAIN_ORDER,
            CHAIN_ROOT,
            CHAIN_EXPIRED,
            CHAIN_NOT_YET_VALID,
            TCB_INFO_SIGNATURE,
            CRL_SIGNATURE,
            CRL_EXPIRED),
    QE_IDENTITY(QE_IDENTITY_FORM, QE_IDENTITY_SIGNATURE, DUPLICATE_MEMBER, NOT_COMPACT),
    QE_SIGNATURE(QE_IDENTITY_SIGNATURE),
    QE_CHAIN(
            CHAIN_FORM,
            CHAIN_SIGNATURE,
            CHAIN_CONSTRAINTS,
            CHAIN_ORDER,
            CHAIN_ROOT,
            CHAIN_EXPIRED,
            CHAIN_NOT_YET_VALID,
            QE_IDENTITY_SIGNATURE),
    /// For quotes that only name their platform.
    PCK_CHAIN(
            CHAIN_FORM,
            CHAIN_SIGNATURE,
            CHAIN_CONSTRAINTS,
            CHAIN_ORDER,
            CHAIN_ROOT,
            CHAIN_EXPIRED,
            CHAIN_NOT_YET_VALID,
            QUOTE_CERTIFICATION);

    @SuppressWarnings("ImmutableEnumChecker") // List.copyOf
    private final List<Check> checks;

    CollateralPiece(Check first, Check... more) {
        this.checks = List.copyOf(EnumSet.of(first, more));
    }

    Set<Check> checks() {
        return EnumSet.copyOf(checks);
    }

    /// Whether it is a signed JSON document.
    boolean document() {
        return this == TCB_INFO || this == QE_IDENTITY;
    }

    /// Whether it is a certificate chain.
    boolean chain() {
        return this == TCB_CHAIN || this == QE_CHAIN || this == PCK_CHAIN;
    }

    byte[] of(Collateral from) {
        return switch (this) {
            case ROOT_CRL -> from.crls().rootCrl();
            case PCK_CRL -> from.crls().pckCrl();
            case TCB_INFO -> from.tcbInfo().exactBytes();
            case TCB_SIGNATURE -> latin(from.tcbInfo().signature());
            case TCB_CHAIN -> latin(from.tcbInfo().issuerChain());
            case QE_IDENTITY -> from.qeIdentity().exactBytes();
            case QE_SIGNATURE -> latin(from.qeIdentity().signature());
            case QE_CHAIN -> latin(from.qeIdentity().issuerChain());
            case PCK_CHAIN -> latin(from.pckChain().orElse(""));
        };
    }

    Collateral in(Collateral whole, byte[] content) {
        Crls crls = whole.crls();
        SignedText tcb = whole.tcbInfo();
        SignedText qe = whole.qeIdentity();
        String text = new String(content, StandardCharsets.ISO_8859_1);
        Crls otherCrls = switch (this) {
            case ROOT_CRL -> new Crls(crls.issuerChain(), content, crls.pckCrlBytes());
            case PCK_CRL -> new Crls(crls.issuerChain(), crls.rootCrlBytes(), content);
            default -> crls;
        };
        SignedText otherTcb = switch (this) {
            case TCB_INFO -> SignedText.ofBytes(tcb.issuerChain(), content, tcb.signature());
            case TCB_SIGNATURE -> SignedText.ofBytes(tcb.issuerChain(), tcb.exactBytes(), text);
            case TCB_CHAIN -> SignedText.ofBytes(text, tcb.exactBytes(), tcb.signature());
            default -> tcb;
        };
        SignedText otherQe = switch (this) {
            case QE_IDENTITY -> SignedText.ofBytes(qe.issuerChain(), content, qe.signature());
            case QE_SIGNATURE -> SignedText.ofBytes(qe.issuerChain(), qe.exactBytes(), text);
            case QE_CHAIN -> SignedText.ofBytes(text, qe.exactBytes(), qe.signature());
            default -> qe;
        };
        return new Collateral(
                otherCrls,
                otherTcb,
                otherQe,
                this == PCK_CHAIN ? text : whole.pckChain().orElse(null));
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
