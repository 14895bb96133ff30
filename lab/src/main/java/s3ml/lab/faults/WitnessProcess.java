package s3ml.lab.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.cli.S3mlClient;

/// A witness of logs (`s3ml log witness`) as a process of its own. Ends it when closed.
///
/// Codes: `LAB-123` it does not get ready.
final class WitnessProcess implements AutoCloseable {
    private final Process process;
    private final JsonObject ready;

    private WitnessProcess(Process process, JsonObject ready) {
        this.process = process;
        this.ready = ready;
    }

    /// Starts one, or starts it again over what it remembers.
    ///
    /// @param state its folder
    static WitnessProcess start(Path state) {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "--enable-native-access=ALL-UNNAMED",
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            S3mlClient.class.getName(),
                            "log",
                            "witness",
                            "--state=" + state,
                            "--admit-any")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
            String line = lines.readLine();
            if (line == null) {
                throw new S3mlException(
                        "LAB-123", "the witness does not get ready", "it ended without a word", "look into " + state);
            }
            return new WitnessProcess(process, Json.parseObject(line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How `aecs.json` names it.
    JsonObject named() {
        return JsonObject.builder()
                .put("address", "127.0.0.1:" + ready.number("port"))
                .put("publicKey", ready.string("publicKey"))
                .build();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
