package s3ml.sim.deployment;

import com.google.protobuf.ByteString;
import java.security.KeyPair;
import java.util.function.Consumer;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.AdminGrpc;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.SignedCommand;

/// An admin who signs commands to an attested AECS: the AECS admin, or the owner of a service.
public final class Owner {
    private final AecsChannel channel;
    private final KeyPair keys;

    private Owner(AecsChannel channel, KeyPair keys) {
        this.channel = channel;
        this.keys = keys;
    }

    static Owner of(AecsChannel channel, KeyPair keys) {
        return new Owner(channel, keys);
    }

    /// SubjectPublicKeyInfo, DER.
    public ByteString publicKey() {
        return ByteString.copyFrom(keys.getPublic().getEncoded());
    }

    /// Fills the action of a command, which may need the attested AECS, for example to seal a key to it.
    public interface Action {
        /// Sets the action and, where an object is changed, the version that was seen.
        void fill(AdminCommand.Builder command, AttestedAecs aecs);
    }

    /// Signs and sends one command.
    ///
    /// @throws S3mlException with the AECS's own code if it refuses
    public CommandResult execute(Action action) {
        CommandResult result = channel.call((calls, aecs) -> {
            ByteString nonce = KeyReleaseGrpc.newBlockingStub(calls)
                    .challenge(ChallengeRequest.getDefaultInstance())
                    .getNonce();
            AdminCommand.Builder command =
                    AdminCommand.newBuilder().setNonce(nonce).setInstanceId(aecs.instanceId());
            action.fill(command, aecs);
            SignedCommand signed = AecsMessages.signCommand(
                    keys.getPrivate(),
                    keys.getPublic().getEncoded(),
                    command.build().toByteArray());
            return AdminGrpc.newBlockingStub(calls).execute(signed);
        });
        if (!result.getErrorCode().isEmpty()) {
            throw new S3mlException(
                    result.getErrorCode(),
                    "the AECS refused a command",
                    result.getErrorMessage(),
                    "correct the command or ask another admin");
        }
        return result;
    }

    /// As the other, for actions that need nothing of the AECS.
    public CommandResult execute(Consumer<AdminCommand.Builder> action) {
        return execute((command, aecs) -> action.accept(command));
    }

    static KeyPair newKeys() {
        return Signatures.generate();
    }
}
