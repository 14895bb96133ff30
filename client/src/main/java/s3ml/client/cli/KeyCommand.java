package s3ml.client.cli;

import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Base64;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import s3ml.attest.Digest;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Signatures;

/// `s3ml key`: keys of admins.
@Command(
        name = "key",
        description = "Keys of AECS admins and service admins.",
        mixinStandardHelpOptions = true,
        subcommands = {KeyCommand.New.class, KeyCommand.Show.class})
final class KeyCommand {
    private KeyCommand() {}

    /// `s3ml key new`.
    @Command(name = "new", description = "Make an admin key (ECDSA P-256); the file is readable by its owner only.")
    static final class New extends ReportingCommand {
        @Option(names = "--out", required = true, paramLabel = "FILE", description = "the new PEM file")
        private Path file = Path.of("");

        private New() {}

        @Override
        Report run() {
            KeyPair keys = Signatures.generate();
            OwnerFiles.writeAdminKey(file, keys);
            return describe(file, keys);
        }
    }

    /// `s3ml key show`.
    @Command(name = "show", description = "Print the public half of an admin key.")
    static final class Show extends ReportingCommand {
        @picocli.CommandLine.Parameters(paramLabel = "FILE", description = "a file of `s3ml key new`")
        private Path file = Path.of("");

        private Show() {}

        @Override
        Report run() {
            return describe(file, OwnerFiles.readAdminKey(file));
        }
    }

    private static ReportingCommand.Report describe(Path file, KeyPair keys) {
        byte[] spki = keys.getPublic().getEncoded();
        String base64 = Base64.getEncoder().encodeToString(spki);
        String digest = Digest.of(spki).hex();
        return ReportingCommand.Report.done(
                JsonObject.builder()
                        .put("file", file.toString())
                        .put("publicKey", base64)
                        .put("publicKeySha256", digest)
                        .build(),
                List.of("key         " + file, "public key  " + base64, "SHA-256     " + digest));
    }
}
