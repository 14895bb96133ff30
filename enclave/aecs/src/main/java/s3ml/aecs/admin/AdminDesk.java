package s3ml.aecs.admin;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.release.Denials;
import s3ml.aecs.state.SealedState;
import s3ml.aecs.state.StateChange;
import s3ml.aecs.state.StateView;
import s3ml.aecs.trust.LogBook;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.FieldLimit;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.BackupEntry;
import s3ml.wire.aecs.BackupPart;
import s3ml.wire.aecs.CoSignature;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogEntryKind;
import s3ml.wire.aecs.LogReceipt;
import s3ml.wire.aecs.SignedCommand;

/// Executes signed commands: verifies who signed and that the command is fresh and meant for this AECS, then changes
/// the state in one transaction together with an entry of the log. Thread-safe.
public final class AdminDesk {
    private final Aecs aecs;
    private final LogBook logBook;
    private final Actions actions;

    public AdminDesk(Aecs aecs, LogBook logBook, Denials denials) {
        this.aecs = aecs;
        this.logBook = logBook;
        this.actions = new Actions(aecs, logBook, denials);
    }

    /// Executes the command. A refusal is a result with code and message: the sender has proved to be an admin, or
    /// learns only that the signature is wrong.
    public CommandResult execute(SignedCommand signed) {
        String action = "?";
        try {
            Command command = verified(signed);
            action = command.action();
            CommandResult result = execute(command);
            aecs.audit()
                    .event("info", "commanded")
                    .with("action", action)
                    .with("admin", Digest.of(command.sender().toByteArray()).hex())
                    .with("version", result.getVersion())
                    .write();
            return result;
        } catch (S3mlException e) {
            aecs.audit()
                    .event("warn", "command-refused")
                    .with("action", action)
                    .with("code", e.code())
                    .with("reason", String.valueOf(e.getMessage()))
                    .write();
            return refused(e);
        }
    }

    /// Gives everything that the store holds to `parts`, if an AECS admin asks for it. Nothing in it is readable
    /// without the root secret.
    ///
    /// @throws S3mlException as commands are refused
    public void backup(SignedCommand signed, Consumer<BackupPart> parts) {
        Command command = verified(signed);
        if (!command.command().hasExportBackup()) {
            throw Refusals.malformed("it is no command for a backup");
        }
        boolean allowed = aecs.state().read(view -> Roles.isAecsAdmin(view, command));
        if (!allowed) {
            throw Refusals.notAllowed(command.action(), "an AECS admin");
        }
        long entries = aecs.state().export(page -> parts.accept(part(page)));
        parts.accept(BackupPart.newBuilder().setTotal(entries).build());
        aecs.audit().event("info", "backed-up").with("entries", entries).write();
    }

    private static BackupPart part(Map<String, byte[]> page) {
        BackupPart.Builder part = BackupPart.newBuilder();
        page.forEach((key, value) ->
                part.addEntries(BackupEntry.newBuilder().setKey(key).setValue(ByteString.copyFrom(value))));
        return part.build();
    }

    private CommandResult refused(S3mlException e) {
        boolean stranger = e.code().equals("AECS-201")
                || e.code().equals("AECS-202")
                || e.code().equals("AECS-240");
        return CommandResult.newBuilder()
                .setErrorCode(e.code())
                .setErrorMessage(stranger ? e.code() + ": refused" : String.valueOf(e.getMessage()))
                .build();
    }

    private Command verified(SignedCommand signed) {
        if (signed.getCommand().size() > Limits.COMMAND_BYTES) {
            throw Refusals.malformed("the command has " + signed.getCommand().size() + " bytes");
        }
        AdminCommand command = parsed(signed);
        Set<ByteString> signers = signers(signed);
        if (!command.getInstanceId().equals(ByteString.copyFrom(aecs.root().instanceId()))) {
            throw Refusals.badSignature("it is meant for another AECS");
        }
        if (!isKnown(signers)) {
            throw Refusals.badSignature("its key is no admin's");
        }
        // Last, so that only an admin uses nonces up.
        if (command.getDetachedUntilUnixMillis() == 0) {
            aecs.nonces().use(command.getNonce().toByteArray());
        } else {
            checkDetached(command);
        }
        ByteString digest =
                ByteString.copyFrom(Digest.of(signed.getCommand().toByteArray()).bytes());
        return new Command(command, digest, signed.getPublicKey(), signers);
    }

    /// A detached command needs no challenge: its expected version lets it be executed once.
    private void checkDetached(AdminCommand command) {
        long until = command.getDetachedUntilUnixMillis();
        switch (command.getActionCase()) {
            case SET_REPLICA_POLICY, REPLACE_ADMINS, MAKE_RECOVERY_SHARES -> {}
            default -> throw Refusals.malformed("only commands of several admins together may be detached");
        }
        if (command.getNonce().size() != AecsMessages.NONCE_BYTES) {
            throw Refusals.malformed("a detached command needs 32 random bytes as its nonce");
        }
        if (until < aecs.now() || until > aecs.now() + Limits.DETACHED.toMillis()) {
            throw Refusals.malformed("a detached command is good for " + Limits.DETACHED.toDays()
                    + " days at most, this one" + " until " + java.time.Instant.ofEpochMilli(until));
        }
    }

    private static AdminCommand parsed(SignedCommand signed) {
        try {
            FieldLimit.check(AdminCommand.getDescriptor(), signed.getCommand());
            return AdminCommand.parseFrom(signed.getCommand());
        } catch (InvalidProtocolBufferException e) {
            throw Refusals.malformed("it is no AdminCommand message");
        }
    }

    private static Set<ByteString> signers(SignedCommand signed) {
        if (signed.getCoSignaturesCount() >= Limits.ADMINS) {
            throw Refusals.malformed("it has " + signed.getCoSignaturesCount() + " further signatures");
        }
        Set<ByteString> signers = new LinkedHashSet<>();
        verify(signed, signers);
        for (CoSignature further : signed.getCoSignaturesList()) {
            SignedCommand same = signed.toBuilder()
                    .setPublicKey(further.getPublicKey())
                    .setSignature(further.getSignature())
                    .build();
            verify(same, signers);
        }
        return signers;
    }

    private static void verify(SignedCommand signed, Set<ByteString> signers) {
        boolean right;
        try {
            right = AecsMessages.verifyCommand(signed);
        } catch (S3mlException e) {
            right = false;
        }
        if (!right) {
            throw Refusals.badSignature("a signature is not right");
        }
        signers.add(signed.getPublicKey());
    }

    private boolean isKnown(Set<ByteString> signers) {
        if (aecs.state().read(view -> isKnown(view, signers))) {
            return true;
        }
        aecs.state().refresh();
        return aecs.state().read(view -> isKnown(view, signers));
    }

    private static boolean isKnown(StateView view, Set<ByteString> signers) {
        return Registry.aecs(view).value().getAdminsList().stream().anyMatch(signers::contains)
                || Registry.services(view).stream()
                        .anyMatch(service -> signers.contains(service.value().getAdminKey()));
    }

    private CommandResult execute(Command command) {
        aecs.state().refresh();
        Optional<CommandResult.Builder> seen = actions.look(command);
        if (seen.isPresent()) {
            return seen.get().build();
        }
        Function<StateChange, CommandResult.Builder> action = actions.of(command);
        SealedState.Committed<Logged> committed = aecs.state().transact(change -> {
            CommandResult.Builder result = action.apply(change);
            ByteString entry = entry(command, change);
            return new Logged(result, entry, change.log(entry.toByteArray()));
        });
        Logged logged = committed.value();
        LogReceipt.Builder receipt = logBook.receipt(logged.index(), logged.entry(), committed.head())
                .setAdminSalt(logBook.adminSalt(command.sender()));
        String service = Targets.service(command.command());
        if (!service.isEmpty()) {
            receipt.setPolicySalt(logBook.policySalt(service));
        }
        return logged.result().setReceipt(receipt).build();
    }

    private record Logged(CommandResult.Builder result, ByteString entry, long index) {}

    private ByteString entry(Command command, StateView view) {
        LogEntry.Builder entry = LogEntry.newBuilder()
                .setKind(LogEntryKind.COMMANDED)
                .setAtUnixMillis(aecs.now())
                .setCommandSha256(command.digest())
                .setAdminCommitment(logBook.adminCommitment(command.sender()))
                .setAction(command.action());
        String service = Targets.service(command.command());
        if (!service.isEmpty()) {
            entry.setServicePseudonym(logBook.pseudonym(service));
            Registry.service(view, service)
                    .ifPresent(found -> entry.setPolicyCommitment(logBook.policyCommitment(
                                    service, found.value().getPolicyDigest()))
                            .setPolicyEpoch(found.value().getPolicyEpoch()));
        }
        return entry.build().toByteString();
    }
}
