package s3ml.client.admin;

import com.google.protobuf.ByteString;
import java.security.KeyPair;
import java.util.List;
import java.util.function.Consumer;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.AttestedAecs;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.AdminGrpc;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.CoSignature;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.SignedCommand;

/// An admin who signs commands to an attested AECS: the admin of the AECS, or of a service. Safe for use by several
/// threads.
public final class AdminClient {
    private final AecsChannel channel;
    private final KeyPair keys;

    /// @param channel stays the caller's
    /// @param keys ECDSA P-256
    public AdminClient(AecsChannel channel, KeyPair keys) {
        this.channel = channel;
        this.keys = keys;
    }

    /// Fills the action of a command, which may need the attested AECS, for example to seal a key to it.
    @FunctionalInterface
    public interface Action {
        /// Sets the action and, where an object is changed, the version that was seen.
        void fill(AdminCommand.Builder command, AttestedAecs aecs);
    }

    /// SubjectPublicKeyInfo, DER.
    public ByteString publicKey() {
        return ByteString.copyFrom(keys.getPublic().getEncoded());
    }

    /// Signs and sends one command.
    ///
    /// @throws S3mlException with the AECS's own code if it refuses
    public CommandResult execute(Action action) {
        return accepted("run the command", send(List.of(), action));
    }

    /// As the other, for actions that need nothing of the AECS.
    public CommandResult execute(Consumer<AdminCommand.Builder> action) {
        return execute((command, aecs) -> action.accept(command));
    }

    /// Signs and sends one command; what the AECS refuses is in the result. A challenge is known only to the replica
    /// that made it, so both go to one.
    ///
    /// @param further keys of admins who sign the same command
    public CommandResult send(List<KeyPair> further, Action action) {
        return channel.call((calls, aecs) -> {
            ByteString nonce = KeyReleaseGrpc.newBlockingStub(calls)
                    .challenge(ChallengeRequest.getDefaultInstance())
                    .getNonce();
            AdminCommand.Builder command =
                    AdminCommand.newBuilder().setNonce(nonce).setInstanceId(aecs.instanceId());
            action.fill(command, aecs);
            SignedCommand.Builder signed = sign(keys, command.build().toByteString()).toBuilder();
            further.forEach(other -> signed.addCoSignatures(coSign(other, signed.getCommand())));
            return AdminGrpc.newBlockingStub(calls).execute(signed.build());
        });
    }

    /// The command under one admin's signature.
    public static SignedCommand sign(KeyPair admin, ByteString command) {
        return AecsMessages.signCommand(admin.getPrivate(), admin.getPublic().getEncoded(), command.toByteArray());
    }

    /// One more admin's signature over the same command.
    public static CoSignature coSign(KeyPair admin, ByteString command) {
        SignedCommand signed = sign(admin, command);
        return CoSignature.newBuilder()
                .setPublicKey(signed.getPublicKey())
                .setSignature(signed.getSignature())
                .build();
    }

    /// The result, unless it is a refusal.
    ///
    /// @param what for the message, for example "show the AECS"
    /// @throws S3mlException with the AECS's own code
    public static CommandResult accepted(String what, CommandResult result) {
        if (!result.getErrorCode().isEmpty()) {
            throw new S3mlException(
                    result.getErrorCode(),
                    "the AECS refused to " + what,
                    result.getErrorMessage(),
                    "correct the command or ask another admin");
        }
        return result;
    }
}
