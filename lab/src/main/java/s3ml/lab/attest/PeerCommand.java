package s3ml.lab.attest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.conscrypt.Conscrypt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.Appraiser;
import s3ml.attest.Digest;
import s3ml.attest.Examination;
import s3ml.attest.Finding;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.sim.platform.EvidenceKind;

/// `s3ml lab peer`: the crate dcap-qvl and we judge the simulated platform's quotes of every kind, and mutants of them,
/// under the simulated root.
@Command(
        name = "peer",
        description =
                "Compare verdicts with the crate dcap-qvl over simulated quotes of every kind and mutants of them.",
        mixinStandardHelpOptions = true)
public final class PeerCommand implements Callable<Integer> {
    /// As Intel's library reads them, the peer does not.
    private static final String ENVELOPES = "the peer refuses SGX in the envelopes of versions 4 and 5";

    @Option(names = "--json", description = "print one JSON document and nothing else")
    private boolean json;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "of the mutants (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--mutants",
            paramLabel = "N",
            defaultValue = "200",
            description = "of each kind of quote (default: ${DEFAULT-VALUE})")
    private int mutants;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final List<String> lines = new ArrayList<>();
    private final List<JsonObject> ours = new ArrayList<>();

    /// For picocli.
    public PeerCommand() {}

    @Override
    public Integer call() {
        Peer peer = Peer.install();
        try {
            Path folder = Files.createTempDirectory("s3ml-lab-peer");
            try {
                for (EvidenceKind kind : EvidenceKind.values()) {
                    judge(kind, folder);
                }
                return report(peer.judge(lines));
            } finally {
                AttestCommand.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void judge(EvidenceKind kind, Path folder) throws IOException {
        Path own = Files.createDirectory(folder.resolve(kind.label()));
        Specimen specimen =
                Specimen.make(own.resolve("platform"), kind, Instant.now().truncatedTo(ChronoUnit.SECONDS));
        List<String> files = Peer.files(specimen, own);
        SplittableRandom random = new SplittableRandom(seed);
        Appraiser appraiser = new Appraiser(Conscrypt.isAvailable() ? Conscrypt.newProvider() : null);
        for (int i = 0; i <= mutants; i++) {
            byte[] quote = specimen.quote().clone();
            int changed = -1;
            Path file = Path.of(files.get(1));
            if (i > 0) {
                changed = random.nextInt(quote.length);
                quote[changed] ^= (byte) (1 << random.nextInt(8));
                file = own.resolve(i + ".bin");
                Files.write(file, quote);
            }
            Examination examination =
                    appraiser.examine(quote, specimen.collateral(), Set.of(Digest.of(specimen.root())), specimen.at());
            lines.add(String.join("\t", files.get(0), file.toString(), files.get(2), files.get(3)));
            ours.add(JsonObject.builder()
                    .put("kind", kind.label())
                    .put("changedByte", changed)
                    .put(
                            "ours",
                            examination
                                    .claims()
                                    .map(claims -> claims.tcbStatus().text())
                                    .orElse("rejected"))
                    .put(
                            "findings",
                            JsonArray.ofStrings(examination.findings().stream()
                                    .map(Finding::toString)
                                    .toList()))
                    .build());
        }
    }

    private static String reason(String they, String error) {
        if (!they.equals("rejected")) {
            return "the peer passes over the root in a chain and takes the one it was given; we compare them byte by byte";
        }
        if (error.contains("must have version 3")) {
            return ENVELOPES;
        }
        return error.contains("Invalid last symbol")
                ? "unused bits of base64 are set: the certificate is the same byte by byte"
                : error;
    }

    private int report(List<JsonObject> theirs) {
        int equal = 0;
        boolean accepted = true;
        List<JsonValue> different = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            String we = ours.get(i).string("ours");
            String they = theirs.get(i).bool("ok") ? theirs.get(i).string("status") : "rejected";
            boolean intact = ours.get(i).number("changedByte") < 0;
            String reason = reason(they, theirs.get(i).optionalString("error").orElse(""));
            accepted &= !intact || (!we.equals("rejected") && (we.equals(they) || reason.equals(ENVELOPES)));
            if (we.equals(they)) {
                equal++;
            } else {
                JsonObject.Builder named = JsonObject.builder();
                ours.get(i).members().forEach(named::put);
                different.add(named.put("peer", they).put("reason", reason).build());
            }
        }
        JsonObject report = JsonObject.builder()
                .put("cases", ours.size())
                .put("equal", equal)
                .put("everyIntactQuoteAccepted", accepted)
                .put("different", new JsonArray(different))
                .put("peer", Peer.NAME)
                .build();
        if (json) {
            spec.commandLine().getOut().println(Json.write(report));
        } else {
            spec.commandLine().getErr().println(Json.writePretty(report));
        }
        return accepted ? 0 : 1;
    }
}
