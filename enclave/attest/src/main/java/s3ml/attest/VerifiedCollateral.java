package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// Collateral whose texts are read and whose signatures are verified up to its root. Whether that root is trusted, and
/// the time, are judged on every appraisal. The list of revoked PCK certificates is verified together with the
/// authority that signs it, which the quote brings.
final class VerifiedCollateral {
    /// Of the TCB information, and of the quoting enclave's identity when that is another.
    private final List<Signer> signers;
    private final RevocationList rootCrl;
    private final RevocationList pckCrl;
    private final TcbInfo tcbInfo;
    private final EnclaveIdentity qeIdentity;
    private final List<Window> windows;
    /// The public point of the authority under which the PCK list was verified last; the list has one issuer.
    private volatile @Nullable ByteView pckCrlVerifiedBy;

    private VerifiedCollateral(List<Signer> signers, Lists lists, TcbInfo tcbInfo, EnclaveIdentity qeIdentity) {
        this.signers = signers;
        this.rootCrl = lists.root;
        this.pckCrl = lists.pck;
        this.tcbInfo = tcbInfo;
        this.qeIdentity = qeIdentity;
        List<Window> all = new ArrayList<>();
        for (Signer signer : signers) {
            all.add(Window.ofCertificate("tcbInfo.signer", signer.certificate));
            all.add(Window.ofCertificate("tcbInfo.root", signer.root));
        }
        all.add(Window.ofList("rootCrl", rootCrl));
        all.add(Window.ofList("pckCrl", pckCrl));
        all.add(Window.ofDocument("tcbInfo", Check.TCB_INFO_EXPIRED, tcbInfo.head()));
        all.add(Window.ofDocument("qeIdentity", Check.QE_IDENTITY_EXPIRED, qeIdentity.head()));
        this.windows = List.copyOf(all);
    }

    private record Lists(RevocationList root, RevocationList pck) {}

    /// A certificate that signs documents, verified under its root.
    private record Signer(PkiCertificate certificate, PkiCertificate root, PublicKey key, PublicKey rootKey) {}

    /// Reads and verifies; names every piece that fails.
    static VerifiedCollateral of(Collateral collateral, Ecdsa ecdsa) throws Refusal {
        List<Finding> findings = new ArrayList<>();
        SignedText tcb = collateral.tcbInfo();
        SignedText qe = collateral.qeIdentity();
        Signer signer = attempt(findings, () -> signer(tcb, "tcbInfo", ecdsa));
        Signer qeSigner = signer != null && tcb.issuerChain().equals(qe.issuerChain())
                ? signer
                : attempt(findings, () -> signer(qe, "qeIdentity", ecdsa));
        RevocationList root = attempt(findings, () -> list(collateral.crls().rootCrlBytes(), "rootCrl"));
        RevocationList pck = attempt(findings, () -> list(collateral.crls().pckCrlBytes(), "pckCrl"));
        TcbInfo tcbInfo = attempt(findings, () -> tcbInfo(tcb));
        EnclaveIdentity identity = attempt(findings, () -> qeIdentity(qe));
        if (signer != null && root != null) {
            attempt(findings, () -> requireRootList(root, signer, ecdsa));
        }
        // A text that cannot be read cannot be the signed one either: one finding is enough.
        if (signer != null && tcbInfo != null) {
            requireSigned(tcb, "tcbInfo", Check.TCB_INFO_SIGNATURE, signer, ecdsa, findings);
        }
        if (qeSigner != null && identity != null) {
            requireSigned(qe, "qeIdentity", Check.QE_IDENTITY_SIGNATURE, qeSigner, ecdsa, findings);
        }
        if (signer == null || qeSigner == null || root == null || pck == null || tcbInfo == null || identity == null) {
            throw new Refusal(findings);
        }
        if (!signer.root.publicPoint().contentEquals(qeSigner.root.publicPoint())
                || !ByteView.of(signer.root.der()).contentEquals(qeSigner.root.der())) {
            findings.add(new Finding(Check.CHAIN_ROOT, "qeIdentity.root", "the root of tcbInfo", "another root"));
        }
        if (!findings.isEmpty()) {
            throw new Refusal(findings);
        }
        List<Signer> signers = tcb.issuerChain().equals(qe.issuerChain()) ? List.of(signer) : List.of(signer, qeSigner);
        return new VerifiedCollateral(signers, new Lists(root, pck), tcbInfo, identity);
    }

    private interface Stage<T> {
        T run() throws Refusal;
    }

    private static <T> @Nullable T attempt(List<Finding> findings, Stage<T> stage) {
        try {
            return stage.run();
        } catch (Refusal refusal) {
            findings.addAll(refusal.findings());
            return null;
        }
    }

    private static Signer signer(SignedText text, String claim, Ecdsa ecdsa) throws Refusal {
        try {
            byte[] pem = text.issuerChain().getBytes(StandardCharsets.UTF_8);
            List<PkiCertificate> chain = Pem.certificates(pem, 0, pem.length);
            if (chain.size() != 2) {
                throw new Refusal(Check.CHAIN_FORM, claim + ".issuerChain", "2 certificates", chain.size() + "");
            }
            PkiCertificate root = ChainOrder.rootOf(claim + ".issuerChain", chain);
            PkiCertificate certificate = chain.get(0);
            if (!certificate.commonName().contains("SGX TCB Signing")) {
                throw new Refusal(
                        Check.CHAIN_FORM,
                        claim + ".signer.subject",
                        "Intel SGX TCB Signing",
                        VerifiedChain.shorten(certificate.commonName()));
            }
            PublicKey rootKey = ecdsa.key(root.publicPoint().view(1, 64));
            VerifiedChain.requireSigned(ecdsa, claim + ".signer", certificate, root, rootKey);
            return new Signer(
                    certificate, root, ecdsa.key(certificate.publicPoint().view(1, 64)), rootKey);
        } catch (Malformed e) {
            throw new Refusal(
                    Check.CHAIN_FORM, claim + ".issuerChain", "the signing certificate and the root", e.why());
        }
    }

    private static RevocationList list(byte[] bytes, String claim) throws Refusal {
        try {
            return RevocationList.parse(bytes);
        } catch (Malformed e) {
            throw new Refusal(Check.CRL_FORM, claim, "a revocation list", e.why());
        }
    }

    private static RevocationList requireRootList(RevocationList list, Signer signer, Ecdsa ecdsa) throws Refusal {
        requireList(list, "rootCrl", signer.root, signer.rootKey, ecdsa);
        return list;
    }

    private static void requireList(
            RevocationList list, String claim, PkiCertificate issuer, PublicKey key, Ecdsa ecdsa) throws Refusal {
        if (!list.issuer().contentEquals(issuer.subject())) {
            throw new Refusal(
                    Check.CRL_FORM,
                    claim + ".issuer",
                    VerifiedChain.shorten(issuer.commonName()),
                    "the name of another issuer");
        }
        if (!ecdsa.verifies(key, list.tbs(), list.signature())) {
            throw new Refusal(
                    Check.CRL_SIGNATURE,
                    claim + ".signature",
                    "one by " + VerifiedChain.shorten(issuer.commonName()),
                    "does not verify");
        }
    }

    private static TcbInfo tcbInfo(SignedText text) throws Refusal {
        try {
            return TcbInfo.read(object(text, "tcbInfo", Check.TCB_INFO_FORM));
        } catch (Malformed e) {
            throw new Refusal(Check.TCB_INFO_FORM, "tcbInfo", "TCB information of version 2 or 3", e.why());
        } catch (S3mlException e) {
            throw unreadable(e, "tcbInfo", Check.TCB_INFO_FORM);
        }
    }

    private static EnclaveIdentity qeIdentity(SignedText text) throws Refusal {
        try {
            return EnclaveIdentity.read(object(text, "qeIdentity", Check.QE_IDENTITY_FORM));
        } catch (Malformed e) {
            throw new Refusal(Check.QE_IDENTITY_FORM, "qeIdentity", "an enclave identity of version 2", e.why());
        } catch (S3mlException e) {
            throw unreadable(e, "qeIdentity", Check.QE_IDENTITY_FORM);
        }
    }

    private static JsonObject object(SignedText text, String claim, Check form) throws Refusal {
        try {
            return Json.parseSigned(text.exactBytes());
        } catch (S3mlException e) {
            throw unreadable(e, claim, form);
        }
    }

    private static Refusal unreadable(S3mlException e, String claim, Check form) {
        Check check = switch (e.code()) {
            case Json.DUPLICATE -> Check.DUPLICATE_MEMBER;
            case Json.NOT_COMPACT -> Check.NOT_COMPACT;
            default -> form;
        };
        return new Refusal(check, claim, check.meaning(), String.valueOf(e.getMessage()));
    }

    private static void requireSigned(
            SignedText text, String claim, Check check, Signer signer, Ecdsa ecdsa, List<Finding> findings) {
        ByteView raw;
        try {
            raw = TcbInfo.hex(text.signature(), 64);
        } catch (Malformed e) {
            findings.add(new Finding(check, claim + ".signature", "128 hexadecimal digits", e.why()));
            return;
        }
        if (!ecdsa.verifiesRaw(signer.key, text.trimmed(), raw)) {
            findings.add(new Finding(check, claim + ".signature", "one over the exact text", "does not verify"));
        }
    }

    /// Verifies the list of revoked PCK certificates with the authority of a quote's chain.
    void requirePckList(VerifiedChain chain, Ecdsa ecdsa) throws Refusal {
        ByteView verified = pckCrlVerifiedBy;
        ByteView point = chain.authority().publicPoint();
        if (verified != null
                && verified.contentEquals(point)
                && pckCrl.issuer().contentEquals(chain.authority().subject())) {
            return;
        }
        requireList(pckCrl, "pckCrl", chain.authority(), chain.authorityKey(), ecdsa);
        pckCrlVerifiedBy = ByteView.of(point.copy());
    }

    /// Adds a finding for every certificate that a list names, each looked up in the list of its own issuer.
    void judgeRevocation(VerifiedChain chain, List<Finding> findings) {
        revoked(pckCrl, chain.leaf(), "pckChain.leaf", Check.CERTIFICATE_REVOKED, findings);
        revoked(rootCrl, chain.authority(), "pckChain.authority", Check.CERTIFICATE_REVOKED, findings);
        revoked(rootCrl, chain.root(), "pckChain.root", Check.ROOT_REVOKED, findings);
        for (Signer each : signers) {
            revoked(rootCrl, each.certificate, "tcbInfo.signer", Check.CERTIFICATE_REVOKED, findings);
        }
    }

    private static void revoked(
            RevocationList list, PkiCertificate certificate, String claim, Check check, List<Finding> findings) {
        if (list.revokes(certificate)) {
            findings.add(new Finding(
                    check,
                    claim,
                    "not in its issuer's list",
                    "serial " + certificate.serial().hex() + " is revoked"));
        }
    }

    ByteView rootDer() {
        return ByteView.of(signers.getFirst().root.der());
    }

    TcbInfo tcbInfo() {
        return tcbInfo;
    }

    EnclaveIdentity qeIdentity() {
        return qeIdentity;
    }

    List<Window> windows() {
        return windows;
    }
}
