package s3ml.control;

import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import s3ml.console.Console;
import s3ml.console.TokenFile;

/// The console that a control plane serves itself, on loopback: options of `s3ml control run`.
final class ServedConsole {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    @Option(
            names = "--console-port",
            required = true,
            paramLabel = "PORT",
            description = "serve the console on loopback; 0 lets the system choose")
    private int port;

    @Option(
            names = "--console-token-file",
            paramLabel = "FILE",
            description = "holds the token that signs people in; made if it is not there; without: printed once")
    private @Nullable Path tokenFile;

    @Option(names = "--console-aecs", paramLabel = "HOST:PORT", description = "an AECS, for its evidence and its log")
    private @Nullable String aecs;

    @Option(names = "--console-aecs-metrics", paramLabel = "URL", description = "its metrics page")
    private @Nullable URI aecsMetrics;

    private ServedConsole() {}

    Console start(ControlPlane plane) {
        String token = TokenFile.token(Optional.ofNullable(tokenFile), new SecureRandom());
        Console console = Console.start(
                new Console.Settings("127.0.0.1", port, Optional.empty(), token, INTERVAL),
                new Console.Sources(
                        plane::explain, "in this process", Optional.ofNullable(aecs), Optional.ofNullable(aecsMetrics)),
                InstantSource.system());
        if (tokenFile == null) {
            System.err.println("console: sign in with this token, which is not shown again: " + token);
        }
        return console;
    }
}
