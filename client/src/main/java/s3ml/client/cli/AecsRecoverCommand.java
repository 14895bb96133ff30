package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.Hpke;
import s3ml.wire.aecs.RecoveryGrpc;
import s3ml.wire.aecs.RecoveryStatusRequest;
import s3ml.wire.aecs.RecoveryStatusResponse;
import s3ml.wire.aecs.SubmitShareRequest;

/// `s3ml aecs recover`: brings back an AECS that lost its root secret.
@Command(
        name = "recover",
        description = "Recovery of an AECS whose replicas were all lost: status, share.",
        mixinStandardHelpOptions = true,
        subcommands = {AecsRecoverCommand.Status.class, AecsRecoverCommand.Share.class})
final class AecsRecoverCommand {
    private AecsRecoverCommand() {}

    /// `s3ml aecs recover status`.
    @Command(name = "status", description = "Show the head that its storage holds, and how many shares were given.")
    static final class Status extends ReportingCommand {
        @Mixin
        private AecsOptions options = new AecsOptions();

        private Status() {}

        @Override
        Report run() {
            try (AecsChannel channel = options.openForRecovery()) {
                RecoveryStatusResponse status = channel.call((calls, aecs) -> RecoveryGrpc.newBlockingStub(calls)
                        .status(RecoveryStatusRequest.newBuilder()
                                .setNonce(ByteString.copyFrom(channel.newNonce()))
                                .build()));
                return report(status);
            }
        }
    }

    private static ReportingCommand.Report report(RecoveryStatusResponse status) {
        String head = AecsCommand.head(status.getHeadSequence(), status.getHeadChainHash());
        return ReportingCommand.Report.done(
                JsonObject.builder()
                        .put("recovered", status.getRecovered())
                        .put("sharesGiven", (long) status.getSharesGiven())
                        .put("sharesNeeded", (long) status.getSharesNeeded())
                        .put("head", head)
                        .build(),
                List.of(
                        status.getRecovered()
                                ? "recovered"
                                : "shares      " + status.getSharesGiven() + " of " + status.getSharesNeeded(),
                        "head        " + head,
                        "compare the head with the newest that clients, witnesses or `s3ml aecs show` saw"));
    }

    /// `s3ml aecs recover share`.
    @Command(name = "share", description = "Give one share to an attested AECS, and confirm the head of its storage.")
    static final class Share extends ReportingCommand {
        @Option(names = "--share", required = true, paramLabel = "FILE", description = "the sealed share")
        private Path share = Path.of("");

        @Option(names = "--holder-key", required = true, paramLabel = "FILE", description = "the holder's private key")
        private Path holderKey = Path.of("");

        @Option(
                names = "--confirm",
                required = true,
                paramLabel = "SEQUENCE:HASH",
                description = "the head you remember as the newest")
        private String confirm = "";

        @Mixin
        private AecsOptions options = new AecsOptions();

        private Share() {}

        @Override
        Report run() {
            Confirmed head = Confirmed.parse(confirm);
            byte[] opened;
            try (SecretBytes key = OwnerFiles.readPackageKey(holderKey)) {
                opened = AecsSharesCommand.open(Json.parseObject(OwnerFiles.read(share)), key);
            }
            try (AecsChannel channel = options.openForRecovery()) {
                RecoveryStatusResponse status = channel.call((calls, aecs) -> {
                    Hpke.Sealed sealed = Hpke.seal(
                            aecs.hpkePublicKey(),
                            AecsSharesCommand.info(),
                            head.hash().toByteArray(),
                            opened);
                    return RecoveryGrpc.newBlockingStub(calls)
                            .submitShare(SubmitShareRequest.newBuilder()
                                    .setEncapsulatedKey(sealed.encapsulatedKey())
                                    .setCiphertext(sealed.ciphertext())
                                    .setConfirmedSequence(head.sequence())
                                    .setConfirmedChainHash(head.hash())
                                    .build());
                });
                if (!status.getErrorCode().isEmpty()) {
                    throw new S3mlException(
                            status.getErrorCode(),
                            "the AECS refused the share",
                            status.getErrorMessage(),
                            "look at `s3ml aecs recover status`");
                }
                return report(status);
            } finally {
                Arrays.fill(opened, (byte) 0);
            }
        }
    }

    /// A head that a holder confirms.
    record Confirmed(long sequence, ByteString hash) {
        static Confirmed parse(String text) {
            int colon = text.indexOf(':');
            try {
                return new Confirmed(
                        Long.parseLong(text.substring(0, Math.max(colon, 0))),
                        ByteString.copyFrom(HexFormat.of().parseHex(text.substring(colon + 1))));
            } catch (IllegalArgumentException e) {
                throw new S3mlException(
                        "CLI-154",
                        "cannot confirm the head",
                        "\"" + text + "\" is not SEQUENCE:HASH",
                        "write it as `s3ml aecs show` and `s3ml aecs recover status` do");
            }
        }
    }
}
