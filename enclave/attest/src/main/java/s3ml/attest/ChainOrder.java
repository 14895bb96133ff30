package s3ml.attest;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The order of a certificate chain: the leaf first, each certificate followed by its issuer, the root last (as RFC
/// 8446, section 4.4.2 has it, and as quotes and a PCCS hold it).
final class ChainOrder {
    private ChainOrder() {}

    /// The root, which is the last certificate of a chain in order. Only names are looked at.
    ///
    /// @param claim what the chain is, for findings
    /// @throws Refusal if the certificates make a chain in another order only
    /// @throws Malformed if they make none
    static PkiCertificate rootOf(String claim, List<PkiCertificate> chain) throws Refusal, Malformed {
        if (!inOrder(chain)) {
            List<PkiCertificate> right = sorted(chain);
            for (int i = 0; i < right.size(); i++) {
                if (right.get(i) != chain.get(i)) {
                    throw new Refusal(
                            Check.CHAIN_ORDER,
                            claim + ".order",
                            VerifiedChain.shorten(right.get(i).commonName()) + " at place " + (i + 1),
                            VerifiedChain.shorten(chain.get(i).commonName()));
                }
            }
        }
        PkiCertificate last = chain.getLast();
        if (!last.issuedBy(last) || !last.commonName().contains("SGX Root CA")) {
            throw new Malformed("the last certificate is no root");
        }
        return last;
    }

    private static boolean inOrder(List<PkiCertificate> chain) {
        for (int i = 0; i < chain.size(); i++) {
            if (!chain.get(i).issuedBy(chain.get(Math.min(i + 1, chain.size() - 1)))) {
                return false;
            }
        }
        return true;
    }

    /// The same certificates in order; empty when they make no chain in any.
    private static List<PkiCertificate> sorted(List<PkiCertificate> chain) {
        List<PkiCertificate> left = new ArrayList<>(chain);
        List<PkiCertificate> fromRoot = new ArrayList<>(chain.size());
        PkiCertificate issuer = null;
        while (!left.isEmpty()) {
            PkiCertificate next = issuedBy(issuer, left);
            if (next == null) {
                return List.of();
            }
            left.remove(next);
            fromRoot.add(next);
            issuer = next;
        }
        return fromRoot.reversed();
    }

    /// The first that has that issuer, or itself when there is none yet.
    private static @Nullable PkiCertificate issuedBy(@Nullable PkiCertificate issuer, List<PkiCertificate> among) {
        for (PkiCertificate each : among) {
            if (each.issuedBy(issuer == null ? each : issuer)) {
                return each;
            }
        }
        return null;
    }
}
