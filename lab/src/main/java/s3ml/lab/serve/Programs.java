package s3ml.lab.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import s3ml.attest.S3mlException;

/// Programs that run to their end.
///
/// Faults: `LAB-123` a program is missing or failed.
public final class Programs {
    private static final int NOT_STARTED = 127;

    private Programs() {}

    /// How a program ended.
    ///
    /// @param status 127 if it could not be started
    /// @param output standard output and error together
    public record Outcome(int status, String output) {}

    /// Runs it and demands that it succeeds.
    ///
    /// @return what it said
    public static String run(List<String> command) {
        Outcome outcome = tryRun(command);
        if (outcome.status() != 0) {
            String said = outcome.output().strip();
            throw new S3mlException(
                    "LAB-123",
                    "an experiment could not run " + command.getFirst(),
                    "status " + outcome.status() + ": "
                            + said.substring(Math.max(0, said.length() - 2000)).replace('\n', ' '),
                    "install what it needs: deploy/test/components fetches it");
        }
        return outcome.output();
    }

    /// Runs it, whatever comes of it.
    public static Outcome tryRun(List<String> command) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException missing) {
            return new Outcome(NOT_STARTED, String.valueOf(missing.getMessage()));
        }
        try (InputStream output = process.getInputStream()) {
            process.getOutputStream().close();
            String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            return new Outcome(NOT_STARTED, "interrupted");
        }
    }
}
