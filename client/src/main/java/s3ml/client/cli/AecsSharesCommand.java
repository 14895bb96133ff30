package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyPair;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.MakeRecoveryShares;
import s3ml.wire.aecs.SealedShare;

/// `s3ml aecs shares`: the root secret split among people, for the day when every replica is lost.
@Command(
        name = "shares",
        description = "Recovery shares: holder-key, make.",
        mixinStandardHelpOptions = true,
        subcommands = {AecsSharesCommand.HolderKey.class, AecsSharesCommand.Make.class})
final class AecsSharesCommand {
    private static final String INFO = "s3ml recovery share v1\0";

    private AecsSharesCommand() {}

    /// `s3ml aecs shares holder-key`.
    @Command(name = "holder-key", description = "Make a key pair to which a share can be sealed.")
    static final class HolderKey extends ReportingCommand {
        @Parameters(paramLabel = "FILE", description = "where the private key goes")
        private Path file = Path.of("");

        private HolderKey() {}

        @Override
        Report run() {
            try (HpkeKeyPair pair = Hpke.generate()) {
                OwnerFiles.writePackageKey(file, pair.privateKey());
                String publicKey =
                        Base64.getEncoder().encodeToString(pair.publicKey().toByteArray());
                return Report.done(
                        JsonObject.builder()
                                .put("file", file.toString())
                                .put("publicKey", publicKey)
                                .build(),
                        List.of(
                                "key         " + file + " (keep it where the AECS is not)",
                                "public      " + publicKey));
            }
        }
    }

    /// `s3ml aecs shares make`.
    @Command(
            name = "make",
            description = "Split the root secret anew, one share for each holder; earlier shares are then refused.")
    static final class Make extends ReportingCommand {
        @Option(
                names = "--holder",
                required = true,
                paramLabel = "BASE64",
                description = "a holder's public key, of `s3ml aecs shares holder-key`; once for each")
        private List<String> holders = List.of();

        @Option(names = "--threshold", required = true, paramLabel = "M", description = "how many shares recover")
        private int threshold;

        @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder for the sealed shares")
        private Path out = Path.of("");

        @Mixin
        private AecsCommand.CoSigners others = new AecsCommand.CoSigners();

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Make() {}

        @Override
        Report run() {
            List<ByteString> keys = holders.stream()
                    .map(Make::publicKey)
                    .map(ByteString::copyFrom)
                    .toList();
            try (AdminSession session = options.open()) {
                long version = AecsCommand.show(session).getVersion();
                Consumer<AdminCommand.Builder> action = command -> command.setExpectedVersion(version)
                        .setMakeRecoveryShares(MakeRecoveryShares.newBuilder()
                                .addAllHolderKeys(keys)
                                .setThreshold(threshold));
                if (others.detached()) {
                    return others.request(session, action);
                }
                CommandResult result = session.execute("make recovery shares", others.keys(), action);
                List<String> files = write(out, session.aecs().instanceId(), result);
                List<String> lines = new ArrayList<>();
                files.forEach(file -> lines.add("share       " + file));
                lines.add("next        give each to its holder; " + threshold + " of " + files.size() + " recover");
                return Report.done(
                        JsonObject.builder()
                                .put("shares", JsonArray.ofStrings(files))
                                .put("threshold", (long) threshold)
                                .build(),
                        lines);
            }
        }

        private static byte[] publicKey(String base64) {
            try {
                byte[] key = Base64.getDecoder().decode(base64);
                if (key.length == Hpke.KEY_BYTES) {
                    return key;
                }
            } catch (IllegalArgumentException e) {
                // Told below, like a key of another length.
            }
            throw new S3mlException(
                    "CLI-153",
                    "cannot make shares",
                    "\"" + base64 + "\" is no base64 of a holder key",
                    "give what `s3ml aecs shares holder-key` printed");
        }
    }

    /// Writes the sealed shares of a result, one file each.
    static List<String> write(Path folder, ByteString instanceId, CommandResult result) {
        OwnerFiles.createFolder(folder);
        List<String> files = new ArrayList<>();
        for (int i = 0; i < result.getSharesCount(); i++) {
            Path file = folder.resolve("share-" + (i + 1) + ".json");
            OwnerFiles.write(file, text(instanceId, result.getShares(i)));
            files.add(file.toString());
        }
        return files;
    }

    private static String text(ByteString instanceId, SealedShare share) {
        Base64.Encoder base64 = Base64.getEncoder();
        return s3ml.attest.json.Json.writePretty(JsonObject.builder()
                        .put("instanceId", ServiceJson.hex(instanceId))
                        .put(
                                "holderKey",
                                base64.encodeToString(share.getHolderKey().toByteArray()))
                        .put(
                                "encapsulatedKey",
                                base64.encodeToString(share.getEncapsulatedKey().toByteArray()))
                        .put(
                                "ciphertext",
                                base64.encodeToString(share.getCiphertext().toByteArray()))
                        .build())
                + "\n";
    }

    /// Opens a share with its holder's key.
    static byte[] open(JsonObject share, SecretBytes holderKey) {
        Base64.Decoder base64 = Base64.getDecoder();
        byte[] instance = java.util.HexFormat.of().parseHex(share.string("instanceId"));
        byte[] text = info();
        byte[] info = Arrays.copyOf(text, text.length + instance.length);
        System.arraycopy(instance, 0, info, text.length, instance.length);
        return Hpke.open(
                holderKey,
                info,
                new byte[0],
                new Hpke.Sealed(
                        ByteString.copyFrom(base64.decode(share.string("encapsulatedKey"))),
                        ByteString.copyFrom(base64.decode(share.string("ciphertext")))));
    }

    static byte[] info() {
        return INFO.getBytes(StandardCharsets.UTF_8);
    }
}
