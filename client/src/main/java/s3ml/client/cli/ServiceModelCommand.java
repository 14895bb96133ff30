package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.ModelManifest;
import s3ml.protocol.ModelPackageReader;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.PutModelKey;
import s3ml.wire.aecs.RemoveModelKey;

/// `s3ml service model`: package keys of a service.
@Command(
        name = "model",
        description = "Model keys of a service.",
        mixinStandardHelpOptions = true,
        subcommands = {ServiceModelCommand.Add.class, ServiceModelCommand.Remove.class})
final class ServiceModelCommand {
    private ServiceModelCommand() {}

    /// `s3ml service model add`.
    @Command(name = "add", description = "Give the AECS the key of a package, sealed to the attested AECS.")
    static final class Add extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Option(names = "--package", required = true, paramLabel = "FILE", description = "the .s3mlpkg file")
        private Path packageFile = Path.of("");

        @Option(names = "--package-key", required = true, paramLabel = "FILE", description = "its key file")
        private Path packageKey = Path.of("");

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Add() {}

        @Override
        Report run() {
            try (SecretBytes key = OwnerFiles.readPackageKey(packageKey);
                    // Refuses a key of another package before it is registered.
                    ModelPackageReader reader = ModelPackageReader.open(packageFile, key);
                    AdminSession session = options.open()) {
                ModelManifest manifest = reader.manifest();
                long expected = AdminSession.modelVersion(session.show(service), manifest.name(), manifest.version())
                        .orElse(0L);
                AttestedAecs aecs = session.aecs();
                PutModelKey command = AecsMessages.sealModelKey(
                        aecs.hpkePublicKey(),
                        PutModelKey.newBuilder()
                                .setService(service)
                                .setName(manifest.name())
                                .setVersion(manifest.version())
                                .setManifestDigest(ByteString.copyFrom(
                                        reader.manifestDigest().bytes()))
                                .setModelDigest(ByteString.copyFrom(
                                        manifest.modelDigest().bytes()))
                                .build(),
                        key);
                CommandResult result = session.execute(
                        "put the key of model \"" + manifest.name() + "\"",
                        signed -> signed.setExpectedVersion(expected).setPutModelKey(command));
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("name", manifest.name())
                                .put("version", manifest.version())
                                .put("manifestDigest", reader.manifestDigest().hex())
                                .put("modelDigest", manifest.modelDigest().hex())
                                .put("recordVersion", result.getVersion())
                                .put("aecs", aecs.identityDigest().hex())
                                .put("simulated", aecs.simulated())
                                .build(),
                        List.of(
                                "model       " + manifest.name() + " version " + manifest.version() + " of " + service,
                                "key         sealed to the attested AECS "
                                        + aecs.identityDigest().hex() + (aecs.simulated() ? " (SIMULATED)" : "")));
            }
        }
    }

    /// `s3ml service model remove`.
    @Command(name = "remove", description = "Take a model's key from the AECS: it is in no lease any more.")
    static final class Remove extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Option(names = "--name", required = true, description = "model name")
        private String name = "";

        @Option(names = "--version", required = true, description = "model version")
        private String version = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Remove() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                long expected = AdminSession.modelVersion(session.show(service), name, version)
                        .orElseThrow(() -> new S3mlException(
                                "CLI-144",
                                "removed nothing",
                                "service \"" + service + "\" has no model \"" + name + "\" version \"" + version + "\"",
                                "see `s3ml service show " + service + "`"));
                session.execute(
                        "remove the key of model \"" + name + "\"",
                        signed -> signed.setExpectedVersion(expected)
                                .setRemoveModelKey(RemoveModelKey.newBuilder()
                                        .setService(service)
                                        .setName(name)
                                        .setVersion(version)));
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("name", name)
                                .put("version", version)
                                .build(),
                        List.of("removed     " + name + " version " + version + " of " + service));
            }
        }
    }
}
