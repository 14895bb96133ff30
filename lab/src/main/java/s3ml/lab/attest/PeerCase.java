package s3ml.lab.attest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.Digest;
import s3ml.attest.Examination;
import s3ml.attest.Finding;
import s3ml.attest.S3mlException;

/// Evidence that both we and the peer judge.
///
/// @param kind of quote
/// @param change what was changed
/// @param ours what we say
/// @param line where the peer finds it
record PeerCase(String kind, Change change, Ours ours, String line) {
    static final String REJECTED = "rejected";

    /// What we say of evidence.
    ///
    /// @param status the TCB status, or [#REJECTED]
    /// @param findings why it is rejected
    record Ours(String status, List<String> findings) {
        Ours {
            findings = List.copyOf(findings);
        }
    }

    /// Writes the evidence into `folder` and judges it.
    static PeerCase judge(Appraiser appraiser, Specimen specimen, String kind, Change change, Path folder) {
        try {
            boolean quoteChanged = change.place().equals("quote");
            Path root = once(folder.resolve("root.der"), specimen.root());
            Path quote = once(folder.resolve(quoteChanged ? change.name() : "intact.bin"), change.quote());
            Path collateral = once(
                    folder.resolve(quoteChanged ? "intact.json" : change.name()),
                    change.collateral().getBytes(StandardCharsets.UTF_8));
            String line = String.join(
                    "\t",
                    root.toString(),
                    quote.toString(),
                    collateral.toString(),
                    Long.toString(specimen.at().getEpochSecond()));
            return new PeerCase(kind, change, ours(appraiser, specimen, change), line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is not changed is written once for all cases.
    private static Path once(Path file, byte[] content) throws IOException {
        return Files.exists(file) ? file : Files.write(file, content);
    }

    private static Ours ours(Appraiser appraiser, Specimen specimen, Change change) {
        try {
            Examination examination = appraiser.examine(
                    change.quote(),
                    Collateral.parse(change.collateral()),
                    Set.of(Digest.of(specimen.root())),
                    specimen.at());
            return new Ours(
                    examination
                            .claims()
                            .map(claims -> claims.tcbStatus().text())
                            .orElse(REJECTED),
                    examination.findings().stream().map(Finding::toString).toList());
        } catch (S3mlException e) {
            return new Ours(REJECTED, List.of(String.valueOf(e.getMessage())));
        }
    }

    /// Evidence with one change.
    ///
    /// The changed part is `nothing`, `quote`, or a member of the collateral.
    static final class Change {
        private final String place;
        private final int at;
        private final boolean inRoot;
        private final byte[] quote;
        private final String collateral;

        /// @param original the changed part as it was
        Change(String place, int at, String original, byte[] quote, String collateral) {
            int root = original.lastIndexOf("-----BEGIN CERTIFICATE-----");
            this.place = place;
            this.at = at;
            this.inRoot = root >= 0 && at >= root;
            this.quote = quote;
            this.collateral = collateral;
        }

        /// Of its own: two changes at one place may differ.
        String name() {
            return place + at + "-"
                    + Digest.of(place.equals("quote") ? quote : collateral.getBytes(StandardCharsets.UTF_8))
                            .hex();
        }

        String place() {
            return place;
        }

        int at() {
            return at;
        }

        /// Whether the change lies in the last certificate of a chain, which is the root.
        boolean inRoot() {
            return inRoot;
        }

        byte[] quote() {
            return quote;
        }

        String collateral() {
            return collateral;
        }
    }
}
