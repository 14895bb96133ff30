package s3ml.attest;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import s3ml.attest.QuotePlace.Range;

/// Mutants of evidence: every part × bits flipped, bytes overwritten, cut, removed and repeated, parts spliced from
/// other evidence, chains and documents wrong as a whole. The same seed makes the same mutants.
final class EvidenceMutants {
    private static final Set<Check> ANY = EnumSet.allOf(Check.class);
    /// The base point of secp256k1: a point, but not of P-256.
    private static final byte[] OFF_THE_CURVE = HexFormat.of()
            .parseHex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                    + "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");

    private final Mutations mutations;
    private final SplittableRandom random;
    private final List<EvidenceCase> donors;
    private final Consumer<Mutant> to;

    /// A mutant, and what may refuse it.
    ///
    /// @param evidence changed in one place
    /// @param checks one of which must be among the findings when the unchanged evidence is accepted
    /// @param what place and change
    record Mutant(EvidenceCase evidence, Set<Check> checks, String what) {}

    /// @param donors valid evidence that parts are spliced from
    /// @param to is handed every mutant
    EvidenceMutants(long seed, List<EvidenceCase> donors, Consumer<Mutant> to) {
        this.mutations = new Mutations(seed);
        this.random = new SplittableRandom(~seed);
        this.donors = List.copyOf(donors);
        this.to = to;
    }

    /// Hands over `ofEach` mutants of every part, and every chain and document that is wrong as a whole.
    void make(EvidenceCase original, int ofEach) {
        Map<QuotePlace, Range> places = places(original.quote());
        places.forEach((place, range) -> inQuote(original, place, range, ofEach));
        Range chain = places.get(QuotePlace.CHAIN);
        Range key = places.get(QuotePlace.ATTESTATION_KEY);
        if (chain != null && key != null) {
            chains(original, chain);
            key(original, key);
        }
        for (CollateralPiece piece : CollateralPiece.values()) {
            inCollateral(original, piece, ofEach);
        }
    }

    private void inQuote(EvidenceCase original, QuotePlace place, Range range, int ofEach) {
        byte[] quote = original.quote();
        for (int i = 0; i < ofEach; i++) {
            int kind = i % 8;
            Set<Check> checks = kind < 5 ? place.checks() : ANY;
            byte[] mutant = switch (kind) {
                case 0, 1, 2 -> mutations.flip(quote, range.from(), range.to());
                case 3, 4 -> mutations.overwrite(quote, range.from(), range.to());
                case 5 -> mutations.any(quote, range.from(), range.to());
                case 6 -> graft(quote, place, range);
                default -> {
                    byte[] other = donor().quote();
                    yield mutations.splice(quote, other, range.from(), range.to());
                }
            };
            to.accept(new Mutant(original.with(mutant), checks, "quote." + place + " " + i));
        }
    }

    private EvidenceCase donor() {
        return donors.get(random.nextInt(donors.size()));
    }

    /// The same part of other evidence in place of its own; nothing where that lacks the part.
    private byte[] graft(byte[] quote, QuotePlace place, Range range) {
        byte[] other = donor().quote();
        Range from = places(other).getOrDefault(place, new Range(0, 0));
        return replaced(quote, range, Arrays.copyOfRange(other, from.from(), from.to()));
    }

    private static Map<QuotePlace, Range> places(byte[] quote) {
        try {
            return QuotePlace.of(quote);
        } catch (Refusal e) {
            return Map.of();
        }
    }

    private static byte[] replaced(byte[] quote, Range range, byte[] content) {
        return TestPlatform.concat(
                Arrays.copyOf(quote, range.from()), content, Arrays.copyOfRange(quote, range.to(), quote.length));
    }

    private void key(EvidenceCase original, Range range) {
        Set<Check> checks = EnumSet.of(Check.QE_REPORT_DATA, Check.QUOTE_SIGNATURE);
        to.accept(new Mutant(
                original.with(replaced(original.quote(), range, OFF_THE_CURVE)), checks, "quote.key off the curve"));
    }

    /// Wrong chains, with every length around them corrected.
    private void chains(EvidenceCase original, Range range) {
        byte[] quote = original.quote();
        Map<QuotePlace, Range> places = places(quote);
        byte[] chain = Arrays.copyOfRange(quote, range.from(), range.to());
        ChainChanges.of(chain).forEach((how, changed) -> {
            byte[] mutant = replaced(quote, range, changed);
            int more = changed.length - chain.length;
            lengthen(mutant, places.get(QuotePlace.SIGNATURE_LENGTH), more);
            lengthen(mutant, places.get(QuotePlace.ENVELOPE), more);
            lengthen(mutant, places.get(QuotePlace.CERTIFICATION_HEAD), more);
            to.accept(new Mutant(original.with(mutant), QuotePlace.CHAIN.checks(), "quote.CHAIN " + how));
        });
    }

    /// Adds to the length in the last four bytes of a part.
    private static void lengthen(byte[] quote, @Nullable Range range, int more) {
        if (range == null) {
            return;
        }
        int at = range.to() - 4;
        long length = new ByteView(quote, at, 4).u32(0) + more;
        System.arraycopy(TestPlatform.u32((int) length), 0, quote, at, 4);
    }

    private void inCollateral(EvidenceCase original, CollateralPiece piece, int ofEach) {
        Collateral whole = original.collateral();
        byte[] content = piece.of(whole);
        for (int i = 0; i < ofEach && content.length > 0; i++) {
            int kind = i % 8;
            byte[] other = kind < 6 ? content : piece.of(donor().collateral());
            byte[] mutant = switch (kind) {
                case 0, 1, 2 -> mutations.flip(content, 0, content.length);
                case 3, 4, 5 -> mutations.any(content, 0, content.length);
                case 6 -> other;
                default -> mutations.splice(content, other, 0, Math.min(content.length, Math.max(1, other.length)));
            };
            give(original, piece, mutant, kind < 6 ? piece.checks() : ANY, i + "");
        }
        if (piece.document()) {
            DocumentChanges.of(content).forEach((how, changed) -> give(original, piece, changed, piece.checks(), how));
        }
        if (piece.chain()) {
            ChainChanges.of(content).forEach((how, changed) -> give(original, piece, changed, piece.checks(), how));
        }
    }

    private void give(EvidenceCase original, CollateralPiece piece, byte[] content, Set<Check> checks, String how) {
        Collateral changed = piece.in(original.collateral(), content);
        to.accept(new Mutant(original.with(changed), checks, "collateral." + piece + " " + how));
    }
}
