package s3ml.attest;

import java.security.PublicKey;
import java.util.List;

/// A PCK certificate chain whose names, roles and signatures are verified up to its root. Whether that root is trusted,
/// and the time and the revocation lists, are judged on every appraisal. Immutable.
final class VerifiedChain {
    private final PkiCertificate leaf;
    private final PkiCertificate authority;
    private final PkiCertificate root;
    private final Claims.Root rootClaim;
    private final PckExtension pck;
    private final PublicKey leafKey;
    private final PublicKey authorityKey;
    private final List<Window> windows;

    private VerifiedChain(List<PkiCertificate> chain, Ecdsa ecdsa) throws Malformed, Refusal {
        this.leaf = chain.get(0);
        this.authority = chain.get(1);
        this.root = ChainOrder.rootOf("pckChain", chain);
        requireNames();
        this.leafKey = ecdsa.key(leaf.publicPoint().view(1, 64));
        this.authorityKey = ecdsa.key(authority.publicPoint().view(1, 64));
        requireSigned(
                ecdsa,
                "pckChain.authority",
                authority,
                root,
                ecdsa.key(root.publicPoint().view(1, 64)));
        requireSigned(ecdsa, "pckChain.leaf", leaf, authority, authorityKey);
        this.pck = PckExtension.of(leaf);
        this.rootClaim = rootClaim(root, ecdsa);
        this.windows = List.of(
                Window.ofCertificate("pckChain.leaf", leaf),
                Window.ofCertificate("pckChain.authority", authority),
                Window.ofCertificate("pckChain.root", root));
    }

    static VerifiedChain of(ByteView pem, Ecdsa ecdsa) throws Refusal {
        try {
            List<PkiCertificate> chain = Pem.certificates(pem.array(), pem.from(), pem.from() + pem.length());
            if (chain.size() != 3) {
                throw new Refusal(Check.CHAIN_FORM, "pckChain", "3 certificates", chain.size() + "");
            }
            return new VerifiedChain(chain, ecdsa);
        } catch (Malformed e) {
            throw new Refusal(Check.CHAIN_FORM, "pckChain", "a PCK certificate, its authority and the root", e.why());
        }
    }

    private static Claims.Root rootClaim(PkiCertificate root, Ecdsa ecdsa) {
        Digest fingerprint = Digest.ofBytes(ecdsa.digest(ByteView.of(root.der())));
        boolean simulated = !fingerprint.equals(IntelRoot.FINGERPRINT)
                && root.organization().contains("S3ML simulated platform (not a TEE)");
        return new Claims.Root(fingerprint, simulated);
    }

    private void requireNames() throws Refusal {
        if (!leaf.commonName().contains("SGX PCK Certificate")) {
            throw new Refusal(
                    Check.CHAIN_FORM, "pckChain.leaf.subject", "Intel SGX PCK Certificate", shorten(leaf.commonName()));
        }
        // The root twice is no authority below it: the vendor's root certifies no platform by itself.
        if (!authority.commonName().contains("CA") || authority.subject().contentEquals(root.subject())) {
            throw new Refusal(
                    Check.CHAIN_FORM,
                    "pckChain.authority.subject",
                    "Intel SGX PCK Platform CA or Processor CA",
                    shorten(authority.commonName()));
        }
    }

    static String shorten(String name) {
        return name.length() <= 80 ? name : name.substring(0, 80) + "…";
    }

    static void requireSigned(
            Ecdsa ecdsa, String claim, PkiCertificate subject, PkiCertificate issuer, PublicKey issuerKey)
            throws Refusal {
        if (!subject.issuedBy(issuer)) {
            throw new Refusal(
                    Check.CHAIN_FORM, claim + ".issuer", shorten(issuer.commonName()), "the name of another issuer");
        }
        if (!ecdsa.verifies(issuerKey, subject.tbs(), subject.signature())) {
            throw new Refusal(
                    Check.CHAIN_SIGNATURE,
                    claim + ".signature",
                    "one by " + shorten(issuer.commonName()),
                    "does not verify");
        }
        if (!issuer.mayIssue()) {
            throw new Refusal(
                    Check.CHAIN_CONSTRAINTS,
                    claim + ".issuer",
                    "a certificate authority",
                    shorten(issuer.commonName()) + " is marked as none");
        }
    }

    PkiCertificate leaf() {
        return leaf;
    }

    PkiCertificate authority() {
        return authority;
    }

    PkiCertificate root() {
        return root;
    }

    Claims.Root rootClaim() {
        return rootClaim;
    }

    PckExtension pck() {
        return pck;
    }

    PublicKey leafKey() {
        return leafKey;
    }

    PublicKey authorityKey() {
        return authorityKey;
    }

    List<Window> windows() {
        return windows;
    }
}
