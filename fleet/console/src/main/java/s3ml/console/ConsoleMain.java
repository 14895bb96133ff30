package s3ml.console;

import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import s3ml.policy.FleetException;
import s3ml.policy.FleetVersion;

/// `s3ml console`: serves the console of a running control plane until it is told to end.
@Command(
        name = "console",
        description = {
            "Serve a live page of the fleet: hosts, paging, weights and why, models, leases, the transparency log.",
            "Read-only. Without --token-file it makes a token and prints it once. Prints one JSON line when ready."
        },
        version = FleetVersion.TEXT,
        mixinStandardHelpOptions = true)
public final class ConsoleMain implements Callable<Integer> {
    @Option(names = "--control", required = true, paramLabel = "HOST:PORT", description = "the control plane")
    private String control = "";

    @Option(names = "--ca", required = true, paramLabel = "PEM", description = "authority of the control plane")
    private Path ca = Path.of("");

    @Option(names = "--certificate", required = true, paramLabel = "PEM", description = "a client certificate")
    private Path certificate = Path.of("");

    @Option(names = "--key", required = true, paramLabel = "PEM", description = "its private key, PKCS#8")
    private Path key = Path.of("");

    @Option(names = "--aecs", paramLabel = "HOST:PORT", description = "an AECS, for its evidence and its log")
    private @Nullable String aecs;

    @Option(names = "--aecs-metrics", paramLabel = "URL", description = "its metrics page, for releases and refusals")
    private @Nullable URI aecsMetrics;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "where browsers connect; beyond loopback only with TLS (default: ${DEFAULT-VALUE})")
    private String bind = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "0", description = "default: the system chooses")
    private int port;

    @ArgGroup(exclusive = false)
    private @Nullable Tls tls;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "holds the token that signs people in; made if it is not there; mode 600")
    private @Nullable Path tokenFile;

    @Option(
            names = "--interval-millis",
            paramLabel = "N",
            defaultValue = "1000",
            description = "between two looks at the control plane, 50 to 60000 (default: ${DEFAULT-VALUE})")
    private long intervalMillis;

    /// Both, or none.
    static final class Tls {
        @Option(names = "--tls-certificate", required = true, paramLabel = "PEM", description = "the page's chain")
        private Path certificate = Path.of("");

        @Option(names = "--tls-key", required = true, paramLabel = "PEM", description = "its private key, PKCS#8")
        private Path key = Path.of("");

        private Tls() {}
    }

    private ConsoleMain() {}

    /// Exit status: 0 done, 1 failed, 2 wrong usage.
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /// The whole command line.
    public static CommandLine commandLine() {
        return new CommandLine(new ConsoleMain()).setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof FleetException expected) {
                command.getErr().println("s3ml: " + expected.getMessage());
                return 1;
            }
            throw failure;
        });
    }

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch ending = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(ending::countDown));
        String token = TokenFile.token(Optional.ofNullable(tokenFile), new SecureRandom());
        try (RemoteFleet fleet = RemoteFleet.connect(control, ca, certificate, key);
                Console console = Console.start(
                        settings(token),
                        new Console.Sources(
                                fleet, control, Optional.ofNullable(aecs), Optional.ofNullable(aecsMetrics)),
                        InstantSource.system())) {
            if (tokenFile == null) {
                System.err.println("sign in with this token, which is not shown again: " + token);
            }
            System.out.printf("{\"ready\":true,\"port\":%d,\"url\":\"%s\"}%n", console.port(), console.url());
            System.out.flush();
            ending.await();
        }
        return 0;
    }

    private Console.Settings settings(String token) {
        try {
            return new Console.Settings(
                    bind,
                    port,
                    Optional.ofNullable(tls).map(files -> new Console.TlsFiles(files.certificate, files.key)),
                    token,
                    Duration.ofMillis(intervalMillis));
        } catch (IllegalArgumentException wrong) {
            throw new FleetException(
                    "CON-106", "cannot start the console", String.valueOf(wrong.getMessage()), "correct the options");
        }
    }
}
