package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import s3ml.attest.S3mlException;
import s3ml.client.admin.AdminClient;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AttestedAecs;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.AdminGrpc;
import s3ml.wire.aecs.BackupPart;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.ExportBackup;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.ServiceSummary;
import s3ml.wire.aecs.ShowService;
import s3ml.wire.aecs.SignedCommand;

/// Signed commands to an attested AECS. What the AECS refuses is thrown with the AECS's own code.
final class AdminSession implements AutoCloseable {
    /// A log of millions of entries is read at some MB/s.
    private static final long BACKUP_MINUTES = 60;

    private final AecsChannel channel;
    private final KeyPair admin;
    private final AdminClient client;

    AdminSession(AecsOptions options, Path adminKey) {
        this.admin = OwnerFiles.readAdminKey(adminKey);
        this.channel = options.open(options.verifier());
        this.client = new AdminClient(channel, admin);
    }

    KeyPair admin() {
        return admin;
    }

    /// A command for this AECS that is good without a challenge, for so long.
    AdminCommand detached(Duration time, Consumer<AdminCommand.Builder> action) {
        AdminCommand.Builder command = AdminCommand.newBuilder()
                .setNonce(ByteString.copyFrom(channel.newNonce()))
                .setInstanceId(aecs().instanceId())
                .setDetachedUntilUnixMillis(
                        InstantSource.system().instant().plus(time).toEpochMilli());
        action.accept(command);
        return command.build();
    }

    AttestedAecs aecs() {
        return channel.attested();
    }

    /// Signs and sends one command. A challenge is known only to the replica that made it, so both go to one.
    CommandResult execute(String what, Consumer<AdminCommand.Builder> action) {
        return execute(what, List.of(), action);
    }

    /// As [#execute], signed by further admins too.
    CommandResult execute(String what, List<Path> furtherKeys, Consumer<AdminCommand.Builder> action) {
        List<KeyPair> further =
                furtherKeys.stream().map(OwnerFiles::readAdminKey).toList();
        return AdminClient.accepted(what, client.send(further, (command, aecs) -> action.accept(command)));
    }

    /// Asks for a backup and hands its parts on as they come.
    void backup(Consumer<BackupPart> parts) {
        channel.call((calls, aecs) -> {
            ByteString nonce = KeyReleaseGrpc.newBlockingStub(calls)
                    .challenge(ChallengeRequest.getDefaultInstance())
                    .getNonce();
            ByteString command = AdminCommand.newBuilder()
                    .setNonce(nonce)
                    .setInstanceId(aecs.instanceId())
                    .setExportBackup(ExportBackup.getDefaultInstance())
                    .build()
                    .toByteString();
            SignedCommand signed = AdminClient.sign(admin, command);
            AdminGrpc.newBlockingStub(calls)
                    .withDeadlineAfter(BACKUP_MINUTES, TimeUnit.MINUTES)
                    .backup(signed)
                    .forEachRemaining(parts);
            return true;
        });
    }

    /// The service as the AECS holds it now.
    ServiceSummary show(String service) {
        CommandResult result = execute(
                "show service \"" + service + "\"",
                command -> command.setShowService(ShowService.newBuilder().setService(service)));
        if (result.getServicesCount() != 1) {
            throw new S3mlException(
                    "CLI-143",
                    "cannot use the answer of the AECS",
                    "it describes " + result.getServicesCount() + " services instead of one",
                    "use an AECS and a client of the same release");
        }
        return result.getServices(0);
    }

    /// The version of a model's record, for compare-and-set; empty if the service has no such model.
    static Optional<Long> modelVersion(ServiceSummary service, String name, String version) {
        for (int i = 0; i < service.getModelsCount() && i < service.getModelVersionsCount(); i++) {
            if (service.getModels(i).getName().equals(name)
                    && service.getModels(i).getVersion().equals(version)) {
                return Optional.of(service.getModelVersions(i));
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        channel.close();
    }
}
