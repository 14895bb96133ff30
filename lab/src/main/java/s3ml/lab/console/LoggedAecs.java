package s3ml.lab.console;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import s3ml.aecs.Aecs;
import s3ml.aecs.AecsConfigLoader;
import s3ml.aecs.AecsProcess;
import s3ml.aecs.AuditLog;
import s3ml.attest.Appraiser;
import s3ml.attest.Policy;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.Endpoint;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;
import s3ml.protocol.NativeCrypto;
import s3ml.protocol.Signatures;
import s3ml.sim.platform.NamedEnclave;
import s3ml.sim.platform.SimulatedPlatform;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.AdminGrpc;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.KeyReleaseGrpc;

/// A real AECS on the simulated platform whose log the console shows: leases released, and one enclave refused.
final class LoggedAecs implements AutoCloseable {
    private static final String SERVICE = "lab";

    private final KeyPair admin = Signatures.generate();
    private final SimulatedPlatform platform;
    private final AecsProcess process;
    private final AecsChannel channel;
    private final int metricsPort;

    private LoggedAecs(Path folder) throws IOException {
        InstantSource clock = InstantSource.system();
        this.platform = SimulatedPlatform.open(folder.resolve("platform"), clock);
        try (ServerSocket free = new ServerSocket(0)) {
            this.metricsPort = free.getLocalPort();
        }
        Path config = folder.resolve("aecs.json");
        Files.writeString(config, """
                {"store": "sqlite:%s", "rootFile": "%s", "admins": ["%s"], "pccs": "http://127.0.0.1:1", "leaseSeconds": 600,
                 "metricsPort": %d}""".formatted(
                        folder.resolve("aecs.db"),
                        folder.resolve("aecs.root"),
                        Base64.getEncoder().encodeToString(admin.getPublic().getEncoded()),
                        metricsPort));
        NamedEnclave enclave = NamedEnclave.of(platform, "aecs");
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        this.process = AecsProcess.start(
                enclave.asPlatform(),
                AecsConfigLoader.load(config),
                NamedEnclave.collateral(platform),
                new Aecs.Context(clock, new SecureRandom(), new AuditLog(nowhere, clock, true)));
        this.channel = new AecsChannel(
                List.of(new Endpoint("127.0.0.1", process.port())),
                new AecsVerifier(
                        new Appraiser(NativeCrypto.provider()),
                        Policy.parse(enclave.policy()),
                        NamedEnclave.collateral(platform),
                        clock),
                new SecureRandom());
    }

    /// A new one, with one service.
    static LoggedAecs start(Path folder) throws IOException {
        LoggedAecs aecs = new LoggedAecs(folder);
        ByteString key = ByteString.copyFrom(aecs.admin.getPublic().getEncoded());
        aecs.execute(command -> command.getCreateServiceBuilder()
                .setService(SERVICE)
                .setServiceAdminKey(key)
                .addNames("lab.example"));
        ByteString policy =
                ByteString.copyFromUtf8(NamedEnclave.of(aecs.platform, "server").policy());
        aecs.execute(
                command -> command.getSetPolicyBuilder().setService(SERVICE).setPolicyJson(policy));
        return aecs;
    }

    /// The one whose state lies in that folder, made by [#start] there or where it was copied from.
    static LoggedAecs resume(Path folder) throws IOException {
        return new LoggedAecs(folder);
    }

    private void execute(Consumer<AdminCommand.Builder> action) {
        CommandResult result = channel.call((calls, aecs) -> {
            AdminCommand.Builder command = AdminCommand.newBuilder()
                    .setNonce(KeyReleaseGrpc.newBlockingStub(calls)
                            .challenge(ChallengeRequest.getDefaultInstance())
                            .getNonce())
                    .setInstanceId(aecs.instanceId());
            action.accept(command);
            return AdminGrpc.newBlockingStub(calls)
                    .execute(AecsMessages.signCommand(
                            admin.getPrivate(),
                            admin.getPublic().getEncoded(),
                            command.build().toByteArray()));
        });
        if (!result.getErrorCode().isEmpty()) {
            throw new IllegalStateException(result.getErrorMessage());
        }
    }

    /// So many leases more, each an entry of the log.
    void release(int leases) {
        KeyReleaseClient client = new KeyReleaseClient(channel, NamedEnclave.of(platform, "server"));
        for (int i = 0; i < leases; i++) {
            try (Lease lease = client.release(SERVICE)) {
                if (lease.serial().isEmpty()) {
                    throw new IllegalStateException("a lease without serial");
                }
            }
        }
    }

    /// An enclave that the policy does not know asks for keys.
    ///
    /// @return the code that it was refused with
    String refuse() {
        try (Lease lease = new KeyReleaseClient(channel, NamedEnclave.of(platform, "stranger")).release(SERVICE)) {
            throw new IllegalStateException("a stranger got the lease " + lease.serial());
        } catch (S3mlException refused) {
            return refused.code();
        }
    }

    String target() {
        return "127.0.0.1:" + process.port();
    }

    String metrics() {
        return "http://127.0.0.1:" + metricsPort + "/metrics";
    }

    @Override
    public void close() {
        channel.close();
        process.close();
    }
}
