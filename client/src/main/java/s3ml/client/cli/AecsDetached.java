package s3ml.client.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.client.admin.AdminClient;
import s3ml.protocol.AecsChannel;
import s3ml.wire.aecs.AdminGrpc;
import s3ml.wire.aecs.CommandResult;

/// Commands that need several admins, signed one after the other, each where that admin's key is: `s3ml aecs sign`
/// needs no network, `s3ml aecs submit` no key.
final class AecsDetached {
    private AecsDetached() {}

    /// `s3ml aecs sign`.
    @Command(
            name = "sign",
            description = {
                "Show a command that another admin made with --request, and add a signature to it. Needs no network.",
                "Without --key it only shows."
            })
    static final class Sign extends ReportingCommand {
        @Parameters(paramLabel = "FILE", description = "the command; the signature is added to it")
        private Path file = Path.of("");

        @Option(names = "--key", paramLabel = "FILE", description = "the admin's key, of `s3ml key new`")
        private @Nullable Path key;

        private Sign() {}

        @Override
        Report run() {
            DetachedCommand command = DetachedCommand.read(file);
            if (key != null) {
                command.sign(OwnerFiles.readAdminKey(key));
                command.write(file);
            }
            return Report.done(command.document(), command.lines());
        }
    }

    /// `s3ml aecs submit`.
    @Command(name = "submit", description = "Give a command that enough admins signed to the AECS.")
    static final class Submit extends ReportingCommand {
        @Parameters(paramLabel = "FILE", description = "the signed command")
        private Path file = Path.of("");

        @Option(names = "--out", paramLabel = "DIR", description = "folder for the sealed shares, if it makes shares")
        private @Nullable Path out;

        @Mixin
        private AecsOptions aecs = new AecsOptions();

        private Submit() {}

        @Override
        Report run() {
            DetachedCommand command = DetachedCommand.read(file);
            if (command.command().hasMakeRecoveryShares() && out == null) {
                throw new S3mlException(
                        "CLI-193",
                        "did not submit the command",
                        "it makes recovery shares, which are given out once",
                        "say with --out where they go");
            }
            try (AecsChannel channel = aecs.open(aecs.verifier())) {
                CommandResult result = AdminClient.accepted(
                        "run the command",
                        channel.call((calls, attested) ->
                                AdminGrpc.newBlockingStub(calls).execute(command.signed())));
                JsonObject.Builder document =
                        JsonObject.builder().put("version", result.getVersion()).put("command", command.document());
                List<String> lines = new ArrayList<>(command.lines());
                lines.add("done        the AECS has version " + result.getVersion());
                if (out != null && result.getSharesCount() > 0) {
                    AecsSharesCommand.write(out, command.command().getInstanceId(), result)
                            .forEach(share -> lines.add("share       " + share));
                }
                return Report.done(document.build(), lines);
            }
        }
    }
}
