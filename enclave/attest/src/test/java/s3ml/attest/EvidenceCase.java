package s3ml.attest;

import java.time.Instant;
import java.util.Set;

/// Evidence with all that it takes to examine it, before anything is changed.
final class EvidenceCase {
    private final String name;
    private final byte[] quote;
    private final Collateral collateral;
    private final Set<Digest> roots;
    private final Instant at;

    EvidenceCase(String name, byte[] quote, Collateral collateral, Set<Digest> roots, Instant at) {
        this.name = name;
        this.quote = quote;
        this.collateral = collateral;
        this.roots = Set.copyOf(roots);
        this.at = at;
    }

    Examination examinedBy(Appraiser appraiser) {
        return appraiser.examine(quote, collateral, roots, at);
    }

    EvidenceCase with(byte[] otherQuote) {
        return new EvidenceCase(name, otherQuote, collateral, roots, at);
    }

    EvidenceCase with(Collateral other) {
        return new EvidenceCase(name, quote, other, roots, at);
    }

    byte[] quote() {
        return quote;
    }

    Collateral collateral() {
        return collateral;
    }

    @Override
    public String toString() {
        return name;
    }
}
