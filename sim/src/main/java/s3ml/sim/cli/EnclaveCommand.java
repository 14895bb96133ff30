package s3ml.sim.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.Loader;
import s3ml.sim.platform.SimulatedPlatform;

/// `s3ml sim enclave`: one enclave in the foreground, as the only process of a container: its ready line on standard
/// output, its log on standard error, its exit status as this one's, SIGTERM passed on.
@Command(
        name = "enclave",
        description = {
            "Run one enclave on a SIMULATED platform, in the foreground.",
            "The platform's keys are copied from --platform, so that all enclaves of a cluster share one root."
        },
        mixinStandardHelpOptions = true)
final class EnclaveCommand implements Callable<Integer> {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final List<String> KEYS = List.of("platform.txt", "signer.key");

    @Option(
            names = "--platform",
            required = true,
            paramLabel = "DIR",
            description = "folder with platform.txt and signer.key; only read")
    private Path platform = Path.of("");

    @Option(names = "--work", required = true, paramLabel = "DIR", description = "folder for this run; made if missing")
    private Path work = Path.of("");

    @Option(names = "--spec", required = true, paramLabel = "FILE", description = "the enclave's description, as JSON")
    private Path spec = Path.of("");

    @Parameters(paramLabel = "ARGUMENT", description = "handed to the enclave; put -- before the first")
    private List<String> arguments = List.of();

    private EnclaveCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.err.println("SIMULATED: this platform is not a TEE; its evidence proves nothing to a stranger");
        Files.createDirectories(work);
        for (String key : KEYS) {
            if (Files.exists(platform.resolve(key))) {
                Files.copy(platform.resolve(key), work.resolve(key), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        EnclaveSpec described = EnclaveSpec.of(Json.parseObject(Files.readString(spec, StandardCharsets.UTF_8)));
        EnclaveSpec enclave = described.started(described.name(), arguments);
        Loader loader = Loader.open(SimulatedPlatform.open(work, InstantSource.system()), work);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("enclave-end").unstarted(loader::close));
        loader.start(enclave);
        return follow(loader, work.resolve("logs").resolve(enclave.name() + ".log"));
    }

    /// Passes on what the enclave says until it ends.
    private static int follow(Loader loader, Path log) throws IOException, InterruptedException {
        boolean announced = false;
        try (FileChannel channel =
                FileChannel.open(log, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            InputStream lines = Channels.newInputStream(channel);
            while (true) {
                JsonObject state = loader.list().getFirst();
                lines.transferTo(System.err);
                if (!announced && state.has("ready")) {
                    System.out.println(Json.write(state.object("ready")));
                    System.out.flush();
                    announced = true;
                }
                if (state.has("exitStatus")) {
                    lines.transferTo(System.err);
                    return Math.toIntExact(state.number("exitStatus"));
                }
                Thread.sleep(LOOK_AGAIN);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
