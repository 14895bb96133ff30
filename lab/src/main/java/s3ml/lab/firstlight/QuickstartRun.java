package s3ml.lab.firstlight;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonNumber;

/// One `./s3ml quickstart --once --json` of the built tree, as a user would start it.
final class QuickstartRun {
    private final Path home;

    QuickstartRun(Path home) {
        this.home = home;
    }

    /// What it took.
    ///
    /// @param secondsToFirstDetection from the quickstart's own report
    /// @param wholeSeconds of the command, launcher and JVM included
    record Figures(double secondsToFirstDetection, double wholeSeconds) {}

    /// Runs it to its end.
    Figures figures() throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(home.resolve("s3ml").toString(), "quickstart", "--once", "--json")
                .redirectError(Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        double seconds = Math.round((System.nanoTime() - start) / 1e7) / 100.0;
        if (status != 0) {
            throw new IOException(
                    "./s3ml quickstart --once --json ended with status " + status + "; run it by itself to see why");
        }
        return Json.parseObject(output)
                .value("secondsToFirstDetection")
                .map(value -> new Figures(((JsonNumber) value).toDouble(), seconds))
                .orElseThrow(() -> new IOException("the quickstart's report has no secondsToFirstDetection"));
    }
}
