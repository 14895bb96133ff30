package s3ml.sim.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.sim.loader.SignerKey;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.PccsServer;
import s3ml.sim.platform.SimulatedPlatform;

/// `s3ml sim pccs`: the collateral of a simulated platform for other machines, as a cluster needs it.
@Command(
        name = "pccs",
        description = {
            "Serve the collateral of a SIMULATED platform by the PCCS v4 REST paths, in the foreground.",
            "Prints one JSON line when ready: port and root, which policies may name."
        },
        mixinStandardHelpOptions = true)
final class PccsCommand implements Callable<Integer> {
    @Option(
            names = "--state",
            required = true,
            paramLabel = "DIR",
            description = "folder of the platform's keys; made if missing")
    private Path state = Path.of("");

    @Option(names = "--bind", description = "address (default: ${DEFAULT-VALUE})")
    private String bind = "127.0.0.1";

    @Option(names = "--port", description = "port; 0: the system chooses (default: ${DEFAULT-VALUE})")
    private int port = 0;

    @Option(
            names = "--collateral-out",
            paramLabel = "FILE",
            description = "also write the collateral into this file, for clients that take it from one")
    private @Nullable Path collateral;

    private PccsCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.err.println("SIMULATED: this platform is not a TEE; its evidence proves nothing to a stranger");
        SimulatedPlatform platform = SimulatedPlatform.open(state, InstantSource.system());
        // Made here, with the platform's other keys, so that every copy of the folder states the same signer.
        SignerKey.openOrCreate(state.resolve("signer.key"));
        if (collateral != null) {
            Files.writeString(collateral, platform.collateralJson(EvidenceKind.SGX_V3));
        }
        try (PccsServer pccs = PccsServer.start(platform, new InetSocketAddress(bind, port))) {
            System.out.println(Json.write(JsonObject.builder()
                    .put("ready", true)
                    .put("simulated", true)
                    .put("port", pccs.address().getPort())
                    .put("root", "sha256:" + platform.rootFingerprint())
                    .build()));
            System.out.flush();
            Thread.currentThread().join();
        }
        return 0;
    }
}
