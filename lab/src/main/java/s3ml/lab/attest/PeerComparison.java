package s3ml.lab.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.conscrypt.Conscrypt;
import s3ml.attest.Appraiser;
import s3ml.attest.Keep;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;
import s3ml.lab.attest.PeerCase.Change;
import s3ml.sim.platform.EvidenceKind;

/// Quotes of every kind, mutants of each and of its collateral, judged by the peer and by us under the simulated root.
final class PeerComparison {
    private final SplittableRandom random;
    private final int mutants;
    private final Appraiser appraiser =
            new Appraiser(Conscrypt.isAvailable() ? Conscrypt.newProvider() : null, Keep.PLATFORMS);
    private final List<PeerCase> cases = new ArrayList<>();

    /// @param seed of the mutants
    /// @param mutants of each quote, and as many of its collateral
    PeerComparison(long seed, int mutants) {
        this.random = new SplittableRandom(seed);
        this.mutants = mutants;
    }

    /// @param accepted whether both accept every intact quote, of the kinds that the peer knows
    /// @param unexplained the differences that have no reason
    record Result(JsonObject report, boolean accepted, List<JsonValue> unexplained) {
        Result {
            unexplained = List.copyOf(unexplained);
        }
    }

    Result run(Peer peer, Path folder) throws IOException {
        for (EvidenceKind kind : EvidenceKind.values()) {
            judge(kind, Files.createDirectory(folder.resolve(kind.label())));
        }
        return compare(peer.judge(cases.stream().map(PeerCase::line).toList()));
    }

    private void judge(EvidenceKind kind, Path own) {
        Specimen specimen =
                Specimen.make(own.resolve("platform"), kind, Instant.now().truncatedTo(ChronoUnit.SECONDS));
        JsonObject collateral = Json.parseObject(specimen.collateralJson());
        String latin = new String(specimen.quote(), StandardCharsets.ISO_8859_1);
        List<String> pieces = List.copyOf(collateral.members().keySet());
        add(specimen, kind, new Change("nothing", -1, "", specimen.quote(), specimen.collateralJson()), own);
        for (int i = 0; i < mutants; i++) {
            byte[] quote = specimen.quote().clone();
            int at = random.nextInt(quote.length);
            quote[at] ^= (byte) (1 << random.nextInt(8));
            add(specimen, kind, new Change("quote", at, latin, quote, specimen.collateralJson()), own);
            String piece = pieces.get(i % pieces.size());
            String text = collateral.string(piece);
            int place = random.nextInt(text.length());
            add(
                    specimen,
                    kind,
                    new Change(piece, place, text, specimen.quote(), with(collateral, piece, changed(text, place))),
                    own);
        }
    }

    /// Another letter or digit, so that the text stays one that any JSON reader takes.
    private String changed(String text, int place) {
        String letters = "0123456789abcdefXYZ";
        char other;
        do {
            other = letters.charAt(random.nextInt(letters.length()));
        } while (Character.toLowerCase(other) == Character.toLowerCase(text.charAt(place)));
        return text.substring(0, place) + other + text.substring(place + 1);
    }

    private static String with(JsonObject collateral, String piece, String content) {
        JsonObject.Builder changed = JsonObject.builder();
        for (Map.Entry<String, JsonValue> member : collateral.members().entrySet()) {
            boolean own = member.getKey().equals(piece);
            changed.put(member.getKey(), own ? new JsonString(content) : member.getValue());
        }
        return Json.write(changed.build());
    }

    private void add(Specimen specimen, EvidenceKind kind, Change change, Path folder) {
        cases.add(PeerCase.judge(appraiser, specimen, kind.label(), change, folder));
    }

    private Result compare(List<JsonObject> theirs) {
        List<JsonValue> different = new ArrayList<>();
        boolean accepted = true;
        List<JsonValue> unexplained = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            PeerCase each = cases.get(i);
            JsonObject answer = theirs.get(i);
            String they = answer.bool("ok") ? answer.string("status") : PeerCase.REJECTED;
            Optional<PeerDifference> difference = PeerDifference.of(each, answer);
            if (each.change().place().equals("nothing")) {
                boolean known =
                        difference.filter(PeerDifference.ENVELOPES::equals).isPresent();
                accepted &= each.ours().status().equals("UpToDate") && (they.equals("UpToDate") || known);
            }
            if (!each.ours().status().equals(they)) {
                JsonObject named = named(each)
                        .put("peer", they)
                        .put("error", answer.optionalString("error").orElse(""))
                        .put("reason", difference.map(PeerDifference::reason).orElse("none"))
                        .build();
                different.add(named);
                if (difference.isEmpty()) {
                    unexplained.add(named);
                }
            }
        }
        JsonObject report = JsonObject.builder()
                .put("cases", cases.size())
                .put("equal", cases.size() - different.size())
                .put("everyIntactQuoteAccepted", accepted)
                .put("everyDifferenceExplained", unexplained.isEmpty())
                .put("different", new JsonArray(different))
                .put("peer", Peer.NAME)
                .build();
        return new Result(report, accepted, unexplained);
    }

    private static JsonObject.Builder named(PeerCase each) {
        return JsonObject.builder()
                .put("kind", each.kind())
                .put("changed", each.change().place())
                .put("at", each.change().at())
                .put("ours", each.ours().status())
                .put("findings", JsonArray.ofStrings(each.ours().findings()));
    }
}
