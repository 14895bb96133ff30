package s3ml.lab.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// The Rust crate dcap-qvl, built from `lab/peers/dcap-qvl` into the cache folder.
final class Peer {
    static final String NAME = "dcap-qvl 0.7.1 (Rust crate, release build)";

    private final Path program;

    private Peer(Path program) {
        this.program = program;
    }

    /// The peer that was built before, by its program.
    static Peer at(Path program) {
        return new Peer(program);
    }

    /// Builds the peer once.
    ///
    /// @throws S3mlException `LAB-111` when it cannot be built here
    static Peer install() {
        Path home = Path.of(System.getProperty("s3ml.home", "."));
        List<String> out =
                run(List.of(home.resolve("lab/peers/dcap-qvl/install").toString()), "");
        return new Peer(Path.of(out.getLast()));
    }

    /// Verifications per second of its faster back end.
    double perSecond(Specimen specimen, Path folder, double seconds) {
        List<String> command = new ArrayList<>(List.of(program.toString(), "bench"));
        command.addAll(files(specimen, folder));
        command.add(Double.toString(seconds));
        JsonObject rates = Json.parseObject(run(command, "").getLast());
        double best = 0;
        for (JsonValue rate : rates.members().values()) {
            if (rate instanceof JsonNumber number) {
                best = Math.max(best, number.toDouble());
            }
        }
        return best;
    }

    /// What it says of each line of `ROOT<tab>QUOTE<tab>COLLATERAL<tab>AT`.
    List<JsonObject> judge(List<String> lines) {
        return run(List.of(program.toString(), "judge"), String.join("\n", lines) + "\n").stream()
                .map(Json::parseObject)
                .toList();
    }

    /// The specimen as files: root, quote, collateral, and the time.
    static List<String> files(Specimen specimen, Path folder) {
        try {
            Path root = folder.resolve("root.der");
            Path quote = folder.resolve("quote.bin");
            Path collateral = folder.resolve("collateral.json");
            Files.write(root, specimen.root());
            Files.write(quote, specimen.quote());
            Files.writeString(collateral, specimen.collateralJson(), StandardCharsets.UTF_8);
            return List.of(
                    root.toString(),
                    quote.toString(),
                    collateral.toString(),
                    Long.toString(specimen.at().getEpochSecond()));
        } catch (IOException e) {
            throw failed(String.valueOf(e), e);
        }
    }

    private static List<String> run(List<String> command, String input) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Thread writer = Thread.ofVirtual().start(() -> write(process, input));
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            writer.join();
            if (status != 0 || out.isBlank()) {
                throw failed(command.getFirst() + " ended with status " + status, null);
            }
            return out.lines().toList();
        } catch (IOException e) {
            throw failed(String.valueOf(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted", e);
        }
    }

    private static void write(Process process, String input) {
        try (var to = process.getOutputStream()) {
            to.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The peer ended early: its status says so.
            process.destroy();
        }
    }

    private static S3mlException failed(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new S3mlException(
                "LAB-111",
                "could not run the peer",
                why,
                "install cargo and a C compiler, or pass --without-peer",
                cause);
    }
}
