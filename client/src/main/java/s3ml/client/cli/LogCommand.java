package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.log.HeadMemory;
import s3ml.client.log.KnownLog;
import s3ml.client.log.LogClient;
import s3ml.client.log.SavedLog;
import s3ml.client.log.WitnessClient;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.Endpoint;
import s3ml.protocol.log.LogVerdict;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogReceipt;

/// `s3ml log`: the transparency log of an AECS, watched by its owners.
@Command(
        name = "log",
        description = "The transparency log: releases of keys, commands of admins.",
        mixinStandardHelpOptions = true,
        subcommands = {
            LogCommand.Head.class,
            LogCommand.Save.class,
            LogCommand.Prove.class,
            LogCommand.Verify.class,
            LogCommand.CoSign.class,
            LogWitnessCommand.class
        })
final class LogCommand {
    private LogCommand() {}

    /// An attested AECS, and the file that remembers its log.
    private static final class Watching {
        @Mixin
        private AecsOptions aecs = new AecsOptions();

        @Option(
                names = "--heads",
                paramLabel = "FILE",
                defaultValue = "s3ml-heads.json",
                description = "remembers the newest head of each AECS (default: ${DEFAULT-VALUE})")
        private Path heads = Path.of("");

        AecsChannel open() {
            return aecs.open(aecs.verifier());
        }

        LogClient client(AecsChannel channel) {
            return new LogClient(channel, HeadMemory.open(heads));
        }
    }

    /// `s3ml log head`.
    @Command(
            name = "head",
            description = "Get the newest head, and refuse a log that does not extend the one seen before.")
    static final class Head extends ReportingCommand {
        @Mixin
        private Watching watching = new Watching();

        private Head() {}

        @Override
        Report run() {
            try (AecsChannel channel = watching.open()) {
                KnownLog log = watching.client(channel).head();
                return Report.done(
                        JsonObject.builder()
                                .put("log", log.toJson())
                                .put("simulated", channel.attested().simulated())
                                .build(),
                        lines(log));
            }
        }
    }

    /// `s3ml log save`.
    @Command(name = "save", description = "Save the whole log into a file that verifies offline.")
    static final class Save extends ReportingCommand {
        @Mixin
        private Watching watching = new Watching();

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "the file to write")
        private Path file = Path.of("");

        private Save() {}

        @Override
        Report run() {
            try (AecsChannel channel = watching.open()) {
                KnownLog log = watching.client(channel).save(file).log();
                List<String> lines = new ArrayList<>(lines(log));
                lines.add("wrote       " + file);
                return Report.done(
                        JsonObject.builder()
                                .put("log", log.toJson())
                                .put("file", file.toString())
                                .build(),
                        lines);
            }
        }
    }

    /// `s3ml log prove`.
    @Command(name = "prove", description = "Prove that one entry stands in the log.")
    static final class Prove extends ReportingCommand {
        @Mixin
        private Watching watching = new Watching();

        @Parameters(paramLabel = "INDEX", description = "index of the entry, from 0 on")
        private long index;

        private Prove() {}

        @Override
        Report run() {
            try (AecsChannel channel = watching.open()) {
                LogReceipt receipt = watching.client(channel).prove(index);
                LogEntry entry = LogEntryText.parse(receipt.getEntry());
                List<JsonValue> path = new ArrayList<>();
                receipt.getInclusionList()
                        .forEach(hash -> path.add(new s3ml.attest.json.JsonString(hex(hash.toByteArray()))));
                return Report.done(
                        JsonObject.builder()
                                .put("index", index)
                                .put("entry", LogEntryText.json(entry))
                                .put("inclusion", new JsonArray(path))
                                .put("size", receipt.getHead().getTreeSize())
                                .build(),
                        List.of(
                                LogEntryText.line(index, entry),
                                "proven under the head of " + receipt.getHead().getTreeSize() + " entries"));
            }
        }
    }

    /// `s3ml log cosign`.
    @Command(
            name = "cosign",
            description = {
                "Have a witness co-sign the newest head, and keep what it signed.",
                "Refuses where the witness saw another log: then the AECS, or its storage, shows different people different"
                        + " histories."
            })
    static final class CoSign extends ReportingCommand {
        @Mixin
        private Watching watching = new Watching();

        @Option(names = "--witness", required = true, paramLabel = "HOST:PORT", description = "a `s3ml log witness`")
        private String witness = "";

        @Option(
                names = "--witness-key",
                required = true,
                paramLabel = "FILE|BASE64",
                description = "its public key, as it prints it at its start")
        private String witnessKey = "";

        @Option(names = "--out", paramLabel = "FILE", description = "the co-signed head (CoSignedHead of log.proto)")
        private @Nullable Path out;

        private CoSign() {}

        @Override
        Report run() {
            ByteString key = ByteString.copyFrom(OwnerFiles.readPublicKey(witnessKey));
            try (AecsChannel channel = watching.open();
                    WitnessClient client = new WitnessClient(Endpoint.parse(witness), key)) {
                LogClient log = watching.client(channel);
                CoSignedHead signed = client.coSign(log.head(), log::extension);
                if (out != null) {
                    OwnerFiles.writeBytes(out, signed.toByteArray());
                }
                Instant at = Instant.ofEpochMilli(signed.getWitnessedAtUnixMillis());
                return Report.done(
                        JsonObject.builder()
                                .put("instanceId", hex(signed.getInstanceId().toByteArray()))
                                .put("size", signed.getHead().getTreeSize())
                                .put("root", hex(signed.getHead().getRootHash().toByteArray()))
                                .put("witnessedAt", at.toString())
                                .build(),
                        List.of("co-signed   " + signed.getHead().getTreeSize() + " entries, at " + at));
            }
        }
    }

    /// `s3ml log verify`.
    @Command(
            name = "verify",
            description = {
                "Verify a saved log without any network: its entries are those under its signed head.",
                "Whose head it is, --heads says: the AECS must be one whose identity was attested and remembered."
            })
    static final class Verify extends ReportingCommand {
        @Parameters(paramLabel = "FILE", description = "a file of `s3ml log save`")
        private Path file = Path.of("");

        @Option(
                names = "--heads",
                required = true,
                paramLabel = "FILE",
                description = "the remembered heads of `s3ml log head`")
        private Path heads = Path.of("");

        @Option(names = "--entries", description = "print every entry")
        private boolean entries;

        private Verify() {}

        @Override
        Report run() {
            List<String> lines = new ArrayList<>();
            List<JsonValue> documents = new ArrayList<>();
            SavedLog.Checked checked = SavedLog.verify(file, HeadMemory.open(heads), (index, entry) -> {
                if (entries) {
                    lines.add(LogEntryText.line(index, entry));
                    documents.add(LogEntryText.json(entry));
                }
            });
            LogVerdict verdict = checked.verdict();
            JsonObject.Builder document = JsonObject.builder()
                    .put("verified", verdict.isProven())
                    .put("log", checked.log().toJson());
            if (entries) {
                document.put("entries", new JsonArray(documents));
            }
            lines.addAll(lines(checked.log()));
            return switch (verdict) {
                case LogVerdict.Proven proven -> {
                    lines.add("verified    all entries stand under this head, which this AECS signed");
                    yield Report.done(document.build(), lines);
                }
                case LogVerdict.NotProven refused -> {
                    lines.add("REFUSED     " + refused.code() + ": " + refused.why());
                    document.put("code", refused.code()).put("why", refused.why());
                    yield new Report(document.build(), lines, ExitStatus.REFUSED);
                }
            };
        }
    }

    static List<String> lines(KnownLog log) {
        return List.of(
                "AECS        " + log.instanceHex(),
                "entries     " + log.head().getTreeSize(),
                "root        " + hex(log.head().getRootHash().toByteArray()),
                "signed      " + Instant.ofEpochMilli(log.head().getTimestampUnixMillis()));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
