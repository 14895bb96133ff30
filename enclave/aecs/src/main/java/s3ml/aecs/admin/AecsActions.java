package s3ml.aecs.admin;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.keys.Shares;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.state.StateChange;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.Hpke;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.MakeRecoveryShares;
import s3ml.wire.aecs.RecoveryShare;
import s3ml.wire.aecs.ReplaceAdmins;
import s3ml.wire.aecs.SealedShare;
import s3ml.wire.aecs.SetReplicaPolicy;
import s3ml.wire.aecs.state.AecsRecord;

/// Commands about the AECS itself; each needs as many of its admins as the threshold says.
final class AecsActions {
    private final Aecs aecs;

    AecsActions(Aecs aecs) {
        this.aecs = aecs;
    }

    Function<StateChange, CommandResult.Builder> setReplicaPolicy(Command command, SetReplicaPolicy wish) {
        if (!wish.getPolicyJson().isEmpty()) {
            PolicyActions.parsed(wish.getPolicyJson());
        }
        return change -> {
            AecsRecord updated = allowed(change, command).toBuilder()
                    .setReplicaPolicyJson(wish.getPolicyJson())
                    .setSealToSigner(wish.getSealToSigner())
                    .build();
            return CommandResult.newBuilder().setVersion(Registry.putAecs(change, updated));
        };
    }

    Function<StateChange, CommandResult.Builder> replaceAdmins(Command command, ReplaceAdmins wish) {
        List<ByteString> admins = wish.getAdminsList();
        if (admins.isEmpty()
                || admins.size() > Limits.ADMINS
                || Set.copyOf(admins).size() != admins.size()) {
            throw Refusals.unacceptable("the admin set", "it must name 1 to " + Limits.ADMINS + " keys, each once");
        }
        if (wish.getThreshold() < 1 || wish.getThreshold() > admins.size()) {
            throw Refusals.unacceptable("the admin set", "its threshold must be 1 to " + admins.size());
        }
        for (ByteString admin : admins) {
            try {
                Signatures.publicKey(admin.toByteArray());
            } catch (S3mlException e) {
                throw Refusals.unacceptable("the admin set", "a key is no P-256 SubjectPublicKeyInfo");
            }
        }
        return change -> {
            AecsRecord updated = allowed(change, command).toBuilder()
                    .clearAdmins()
                    .addAllAdmins(admins)
                    .setThreshold(wish.getThreshold())
                    .build();
            return CommandResult.newBuilder().setVersion(Registry.putAecs(change, updated));
        };
    }

    Function<StateChange, CommandResult.Builder> makeShares(Command command, MakeRecoveryShares wish) {
        List<ByteString> holders = wish.getHolderKeysList();
        if (holders.size() > Limits.ADMINS || Set.copyOf(holders).size() != holders.size()) {
            throw Refusals.unacceptable("the share holders", "there may be at most " + Limits.ADMINS + ", each once");
        }
        // One share that opens everything is no recovery but a copy of the root.
        if (wish.getThreshold() < 2 || wish.getThreshold() > holders.size()) {
            throw Refusals.unacceptable("the share holders", "the threshold must be 2 to their number");
        }
        byte[] root = aecs.root().secret().expose(byte[]::clone);
        List<byte[]> shares = Shares.split(root, wish.getThreshold(), holders.size(), aecs.random());
        Arrays.fill(root, (byte) 0);
        List<ByteString> digests = shares.stream()
                .map(share -> ByteString.copyFrom(Digest.of(share).bytes()))
                .toList();
        return change -> {
            AecsRecord record = allowed(change, command);
            int generation = record.getShareGeneration() + 1;
            AecsRecord updated = record.toBuilder()
                    .setShareGeneration(generation)
                    .setShareCount(holders.size())
                    .clearShareDigests()
                    .addAllShareDigests(digests)
                    .build();
            CommandResult.Builder result = CommandResult.newBuilder().setVersion(Registry.putAecs(change, updated));
            RecoveryShare.Builder share = RecoveryShare.newBuilder()
                    .setInstanceId(ByteString.copyFrom(aecs.root().instanceId()))
                    .setGeneration(generation)
                    .setThreshold(wish.getThreshold())
                    .addAllShareDigests(digests);
            sealed(holders, shares, share).forEach(result::addShares);
            return result;
        };
    }

    private List<SealedShare> sealed(List<ByteString> holders, List<byte[]> shares, RecoveryShare.Builder share) {
        List<SealedShare> sealed = new ArrayList<>();
        byte[] info = shareInfo(aecs.root().instanceId());
        for (int i = 0; i < holders.size(); i++) {
            byte[] plaintext = share.setIndex(i + 1)
                    .setShare(ByteString.copyFrom(shares.get(i)))
                    .build()
                    .toByteArray();
            try {
                Hpke.Sealed message = Hpke.seal(holders.get(i), info, new byte[0], plaintext);
                sealed.add(SealedShare.newBuilder()
                        .setHolderKey(holders.get(i))
                        .setEncapsulatedKey(message.encapsulatedKey())
                        .setCiphertext(message.ciphertext())
                        .build());
            } catch (S3mlException e) {
                throw Refusals.unacceptable("the share holders", "key " + (i + 1) + " is no X25519 key of 32 bytes");
            }
        }
        return sealed;
    }

    private static byte[] shareInfo(byte[] instanceId) {
        byte[] text = "s3ml recovery share v1\0".getBytes(StandardCharsets.UTF_8);
        byte[] info = Arrays.copyOf(text, text.length + instanceId.length);
        System.arraycopy(instanceId, 0, info, text.length, instanceId.length);
        return info;
    }

    private static AecsRecord allowed(StateChange change, Command command) {
        Versioned<AecsRecord> record = Registry.aecs(change);
        Roles.aecsAdmins(record.value(), command);
        Roles.unchanged("the AECS", record.version(), command);
        return record.value();
    }
}
