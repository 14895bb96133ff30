package s3ml.client.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.admin.AdminClient;
import s3ml.protocol.AecsMessages;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.CoSignature;
import s3ml.wire.aecs.SignedCommand;

/// A command that travels between admins in a file: the exact bytes that are signed, and the signatures so far.
///
/// The file is no secret. What it commands is read out of the signed bytes each time, so that nobody signs something
/// else than what is shown.
///
/// Codes: `CLI-191` the file is no such command, `CLI-192` a signature in it is not right.
final class DetachedCommand {
    private static final String KIND = "s3ml admin command";

    private final ByteString bytes;
    private final AdminCommand command;
    private final List<CoSignature> signatures;

    private DetachedCommand(ByteString bytes, AdminCommand command, List<CoSignature> signatures) {
        this.bytes = bytes;
        this.command = command;
        this.signatures = new ArrayList<>(signatures);
    }

    /// A command that nobody signed yet.
    static DetachedCommand of(AdminCommand command) {
        return new DetachedCommand(command.toByteString(), command, List.of());
    }

    /// Reads a file, and verifies each signature in it.
    static DetachedCommand read(Path file) {
        try {
            JsonObject json = Json.parseObject(OwnerFiles.read(file));
            if (!json.string("kind").equals(KIND)) {
                throw malformed(file, "it is of kind \"" + json.string("kind") + "\"", null);
            }
            ByteString bytes = base64(json, "command");
            DetachedCommand command = new DetachedCommand(bytes, AdminCommand.parseFrom(bytes), List.of());
            for (JsonObject signature : json.array("signatures").objects()) {
                command.add(CoSignature.newBuilder()
                        .setPublicKey(base64(signature, "publicKey"))
                        .setSignature(base64(signature, "signature"))
                        .build());
            }
            return command;
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw malformed(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static ByteString base64(JsonObject json, String name) {
        return ByteString.copyFrom(Base64.getDecoder().decode(json.string(name)));
    }

    private static S3mlException malformed(Path file, String why, @Nullable Throwable cause) {
        return new S3mlException(
                "CLI-191",
                file + " is no command to sign",
                why,
                "make one with --request of `s3ml aecs replicas|admins|shares make`",
                cause);
    }

    private void add(CoSignature signature) {
        SignedCommand alone = SignedCommand.newBuilder()
                .setCommand(bytes)
                .setPublicKey(signature.getPublicKey())
                .setSignature(signature.getSignature())
                .build();
        boolean right;
        try {
            right = AecsMessages.verifyCommand(alone);
        } catch (S3mlException e) {
            right = false;
        }
        if (!right) {
            throw new S3mlException(
                    "CLI-192",
                    "refused the command",
                    "the signature of admin " + digest(signature) + " is not over these bytes",
                    "ask for the file again from whom you trust, and sign nothing meanwhile");
        }
        if (signatures.stream().noneMatch(known -> known.getPublicKey().equals(signature.getPublicKey()))) {
            signatures.add(signature);
        }
    }

    /// Adds an admin's signature; a second one of the same admin changes nothing.
    void sign(KeyPair admin) {
        add(AdminClient.coSign(admin, bytes));
    }

    /// For the AECS.
    SignedCommand signed() {
        CoSignature first = signatures.getFirst();
        return SignedCommand.newBuilder()
                .setCommand(bytes)
                .setPublicKey(first.getPublicKey())
                .setSignature(first.getSignature())
                .addAllCoSignatures(signatures.subList(1, signatures.size()))
                .build();
    }

    AdminCommand command() {
        return command;
    }

    void write(Path file) {
        List<JsonValue> all = new ArrayList<>();
        for (CoSignature signature : signatures) {
            all.add(JsonObject.builder()
                    .put("publicKey", text(signature.getPublicKey()))
                    .put("signature", text(signature.getSignature()))
                    .build());
        }
        OwnerFiles.write(
                file,
                Json.writePretty(JsonObject.builder()
                                .put("kind", KIND)
                                .put("command", text(bytes))
                                .put("signatures", new JsonArray(all))
                                .build())
                        + "\n");
    }

    private static String text(ByteString bytes) {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    private static String digest(CoSignature signature) {
        return Digest.of(signature.getPublicKey().toByteArray()).hex();
    }

    /// What it commands, and who signed.
    JsonObject document() {
        return JsonObject.builder()
                .put("action", action())
                .put("instanceId", ServiceJson.hex(command.getInstanceId()))
                .put("expectedVersion", command.getExpectedVersion())
                .put("until", until().toString())
                .put("content", content())
                .put(
                        "signedBy",
                        JsonArray.ofStrings(
                                signatures.stream().map(DetachedCommand::digest).toList()))
                .build();
    }

    /// The same for people.
    List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(
                "command     " + action() + ", good until " + until(),
                "AECS        " + ServiceJson.hex(command.getInstanceId()) + ", its version "
                        + command.getExpectedVersion()));
        content().lines().forEach(line -> lines.add("            " + line));
        signatures.forEach(signature -> lines.add("signed by   SHA-256 " + digest(signature)));
        return lines;
    }

    private String action() {
        return command.getActionCase().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Instant until() {
        return Instant.ofEpochMilli(command.getDetachedUntilUnixMillis());
    }

    private String content() {
        return switch (command.getActionCase()) {
            case SET_REPLICA_POLICY ->
                "policy " + command.getSetReplicaPolicy().getPolicyJson().toStringUtf8() + "\nseal to signer "
                        + command.getSetReplicaPolicy().getSealToSigner();
            case REPLACE_ADMINS ->
                "threshold " + command.getReplaceAdmins().getThreshold() + "\n"
                        + String.join(
                                "\n",
                                command.getReplaceAdmins().getAdminsList().stream()
                                        .map(key -> "admin SHA-256 "
                                                + Digest.of(key.toByteArray()).hex())
                                        .toList());
            case MAKE_RECOVERY_SHARES ->
                "threshold " + command.getMakeRecoveryShares().getThreshold() + "\n"
                        + String.join(
                                "\n",
                                command.getMakeRecoveryShares().getHolderKeysList().stream()
                                        .map(key -> "holder " + HexFormat.of().formatHex(key.toByteArray()))
                                        .toList());
            default -> throw malformed(Path.of("the file"), "an AECS refuses " + action() + " in this form", null);
        };
    }
}
