package s3ml.client.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import s3ml.attest.S3mlException;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;

/// An application that lives from a lease: the lease is renewed while it runs, and it ends with the lease.
///
/// For one thread. Codes: `CLI-158` a program cannot be started, `CLI-163` the lease ended while the application ran.
final class RenewedApplication {
    private static final Duration RETRY = Duration.ofSeconds(5);
    /// How long an application may take to end when it is asked to.
    private static final int GRACE_SECONDS = 10;

    private final KeyReleaseClient client;
    private final Consumer<Lease> renewed;

    /// @param renewed is given each new lease, which is closed afterwards
    RenewedApplication(KeyReleaseClient client, Consumer<Lease> renewed) {
        this.client = client;
        this.renewed = renewed;
    }

    /// Starts a program on the streams of this one.
    ///
    /// @throws S3mlException `CLI-158`
    static Process launch(List<String> command) {
        try {
            return new ProcessBuilder(command).inheritIO().start();
        } catch (IOException e) {
            throw new S3mlException(
                    "CLI-158",
                    "cannot start " + command.getFirst(),
                    String.valueOf(e.getMessage()),
                    "give the program's path inside the enclave",
                    e);
        }
    }

    /// Runs the application to its end.
    ///
    /// @param first the lease it begins with
    /// @param files removed when the lease ends before the application does
    /// @return its exit status
    /// @throws S3mlException `CLI-158`, `CLI-163`
    int run(List<String> command, Lease first, List<Path> files) {
        Process process = launch(command);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(process::destroy));
        try {
            Lease held = first;
            Instant next = held.renewAt();
            while (!process.waitFor(millisUntil(next), TimeUnit.MILLISECONDS)) {
                try (Lease lease = client.renew(held)) {
                    held = lease;
                    next = held.renewAt();
                    renewed.accept(lease);
                } catch (S3mlException failure) {
                    if (KeyReleaseClient.endsLease(failure) || !Instant.now().isBefore(held.expiresAt())) {
                        end(process, files);
                        throw ended(failure);
                    }
                    next = Instant.now().plus(RETRY);
                }
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroy();
            return ExitStatus.FAILED;
        }
    }

    private static long millisUntil(Instant when) {
        return Math.max(1, Duration.between(Instant.now(), when).toMillis());
    }

    private static void end(Process process, List<Path> files) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // The enclave ends now, and its file system with it.
            }
        }
    }

    private static S3mlException ended(S3mlException failure) {
        return new S3mlException(
                "CLI-163",
                "ended the application and removed its secrets",
                "its lease ended and was not renewed: " + failure.getMessage(),
                "ask the service's admin whether this enclave was revoked or is outdated",
                failure);
    }
}
