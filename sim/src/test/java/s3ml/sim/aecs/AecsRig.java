package s3ml.sim.aecs;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import s3ml.aecs.Aecs;
import s3ml.aecs.AecsConfig;
import s3ml.aecs.AecsProcess;
import s3ml.aecs.AuditLog;
import s3ml.attest.Appraiser;
import s3ml.attest.CollateralSource;
import s3ml.attest.Policy;
import s3ml.attest.SecretBytes;
import s3ml.client.admin.AdminClient;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.Endpoint;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.NativeCrypto;
import s3ml.protocol.Signatures;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.NamedEnclave;
import s3ml.sim.platform.SimulatedPlatform;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.CreateService;
import s3ml.wire.aecs.PutModelKey;
import s3ml.wire.aecs.SetPolicy;

/// One AECS in this process over real gRPC, a simulated platform, a clock that tests move, and an admin.
final class AecsRig implements AutoCloseable {
    static final EnclaveIdentity AECS = NamedEnclave.identity("aecs", 1, false);
    static final EnclaveIdentity SERVER = NamedEnclave.identity("server", 1, false);

    final KeyPair admin = Signatures.generate();
    final KeyPair owner = Signatures.generate();
    final SimulatedPlatform platform;
    final Path folder;
    final ByteArrayOutputStream audit = new ByteArrayOutputStream();
    private Instant now = Instant.parse("2026-11-24T12:00:00Z");
    private final InstantSource clock = () -> now;
    private final List<AecsChannel> open = new ArrayList<>();
    /// Run whenever the AECS fetches collateral, which it does in the midst of an appraisal.
    Runnable whileAppraising = () -> {};
    AecsProcess process;

    AecsRig(Path folder) {
        this.folder = folder;
        this.platform = SimulatedPlatform.open(folder.resolve("platform"), clock);
        this.process = start(AECS, config());
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    AecsConfig config() {
        return new AecsConfig(
                new AecsConfig.Listen("127.0.0.1", 0, Optional.of(0)),
                new AecsConfig.SqliteStore(folder.resolve("aecs.db")),
                folder.resolve("aecs.root"),
                new AecsConfig.Bootstrap(
                        List.of(Base64.getEncoder()
                                .encodeToString(admin.getPublic().getEncoded())),
                        1,
                        false),
                URI.create("http://127.0.0.1:1"),
                AecsConfig.Times.DEFAULT,
                new AecsConfig.Replicas(List.of(), false));
    }

    AecsProcess start(EnclaveIdentity identity, AecsConfig config) {
        NamedEnclave enclave = new NamedEnclave(platform, identity, EvidenceKind.SGX_V3);
        PrintStream out = new PrintStream(audit, true, StandardCharsets.UTF_8);
        return AecsProcess.start(
                enclave.asPlatform(),
                config,
                quote -> {
                    whileAppraising.run();
                    return collateral().collateralFor(quote);
                },
                new Aecs.Context(clock, new SecureRandom(), new AuditLog(out, clock, true)));
    }

    void restart() {
        process.close();
        process = start(AECS, config());
    }

    CollateralSource collateral() {
        return NamedEnclave.collateral(platform);
    }

    String policy(String rule) {
        return "{\"version\":1,\"roots\":[\"sha256:" + platform.rootFingerprint()
                + "\"],\"allowSimulated\":true,\"rules\":[" + rule + "],\"tcbStatuses\":[\"UpToDate\"]}";
    }

    String policyFor(EnclaveIdentity identity) {
        return policy(
                "{\"mrEnclave\":\"" + new NamedEnclave(platform, identity, EvidenceKind.SGX_V3).measurement() + "\"}");
    }

    AecsChannel channel() {
        return channel(process.port());
    }

    AecsChannel channel(int... ports) {
        AecsVerifier verifier = new AecsVerifier(
                new Appraiser(NativeCrypto.provider()), Policy.parse(policyFor(AECS)), collateral(), clock);
        List<Endpoint> replicas = Arrays.stream(ports)
                .mapToObj(port -> new Endpoint("127.0.0.1", port))
                .toList();
        AecsChannel channel = new AecsChannel(replicas, verifier, new SecureRandom());
        open.add(channel);
        return channel;
    }

    KeyReleaseClient enclave(EnclaveIdentity identity) {
        return enclave(identity, channel());
    }

    KeyReleaseClient enclave(EnclaveIdentity identity, AecsChannel channel) {
        return new KeyReleaseClient(channel, new NamedEnclave(platform, identity, EvidenceKind.SGX_V3));
    }

    CommandResult command(KeyPair signer, Consumer<AdminCommand.Builder> action) {
        return command(channel(), signer, action);
    }

    CommandResult command(AecsChannel channel, KeyPair signer, Consumer<AdminCommand.Builder> action) {
        return new AdminClient(channel, signer).send(List.of(), (command, aecs) -> action.accept(command));
    }

    /// A service "detector" whose policy accepts [#SERVER], with one model.
    AecsRig withService() {
        done(command(
                admin,
                command -> command.setCreateService(CreateService.newBuilder()
                        .setService("detector")
                        .setServiceAdminKey(
                                ByteString.copyFrom(owner.getPublic().getEncoded()))
                        .addNames("detector.example")
                        .addNames("127.0.0.1"))));
        done(setPolicy(0, policyFor(SERVER)));
        done(putModel());
        return this;
    }

    CommandResult setPolicy(long epoch, String json) {
        return command(
                owner,
                command -> command.setExpectedVersion(epoch)
                        .setSetPolicy(SetPolicy.newBuilder()
                                .setService("detector")
                                .setPolicyJson(ByteString.copyFromUtf8(json))));
    }

    CommandResult putModel() {
        AttestedAecs aecs = channel().attested();
        PutModelKey wish = PutModelKey.newBuilder()
                .setService("detector")
                .setName("m")
                .setVersion("1")
                .setManifestDigest(ByteString.copyFrom(new byte[32]))
                .setModelDigest(ByteString.copyFrom(new byte[32]))
                .build();
        try (SecretBytes key = SecretBytes.takeOver(new byte[32])) {
            PutModelKey sealed = AecsMessages.sealModelKey(aecs.hpkePublicKey(), wish, key);
            return command(owner, command -> command.setPutModelKey(sealed));
        }
    }

    static CommandResult done(CommandResult result) {
        if (!result.getErrorCode().isEmpty()) {
            throw new AssertionError(result.getErrorMessage());
        }
        return result;
    }

    String auditText() {
        return audit.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        open.forEach(AecsChannel::close);
        process.close();
    }
}
