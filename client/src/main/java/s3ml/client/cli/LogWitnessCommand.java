package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.Digest;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.log.WitnessDesk;
import s3ml.client.log.WitnessServer;
import s3ml.protocol.Signatures;

/// `s3ml log witness`: co-signs heads of the logs it looks after, until it is ended.
@Command(
        name = "witness",
        description = {
            "Remember the newest head of each AECS, and co-sign only what extends it.",
            "Looks after the AECSs that --admit names, or with --admit-any after every one that asks (first identity counts)."
        },
        mixinStandardHelpOptions = true)
final class LogWitnessCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--state", required = true, paramLabel = "DIR", description = "key and newest heads")
    private Path state = Path.of("");

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "address to listen at (default: ${DEFAULT-VALUE})")
    private String bind = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "port; 0 = the system chooses (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--admit",
            paramLabel = "INSTANCE=IDENTITY",
            description = "instance id of an AECS and SHA-256 of its identity key, both in hexadecimal digits")
    private Map<String, String> admitted = Map.of();

    @Option(names = "--admit-any", description = "look after every AECS that asks")
    private boolean any;

    private LogWitnessCommand() {}

    @Override
    public Integer call() {
        OwnerFiles.createFolder(state);
        Path keyFile = state.resolve("witness.key");
        if (!Files.exists(keyFile)) {
            OwnerFiles.writeAdminKey(keyFile, Signatures.generate());
        }
        KeyPair key = OwnerFiles.readAdminKey(keyFile);
        WitnessDesk desk = new WitnessDesk(state.resolve("heads"), key, this::admits, InstantSource.system());
        String publicKey = Base64.getEncoder().encodeToString(key.getPublic().getEncoded());
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().unstarted(ended::countDown);
        try (WitnessServer server = WitnessServer.start(desk, new InetSocketAddress(bind, port))) {
            Runtime.getRuntime().addShutdownHook(hook);
            ready(server.port(), publicKey);
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitStatus.DONE;
    }

    private boolean admits(ByteString instance, ByteString identity) {
        String known = admitted.get(HexFormat.of().formatHex(instance.toByteArray()));
        return any || Digest.of(identity.toByteArray()).hex().equals(known);
    }

    private void ready(int actualPort, String publicKey) {
        JsonObject line = JsonObject.builder()
                .put("ready", true)
                .put("port", actualPort)
                .put("publicKey", publicKey)
                .build();
        spec.commandLine().getOut().println(Json.write(line));
        spec.commandLine().getOut().flush();
    }
}
