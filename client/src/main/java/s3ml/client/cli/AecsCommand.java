package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.attest.Policy;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.AecsSummary;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.ReplaceAdmins;
import s3ml.wire.aecs.SetReplicaPolicy;
import s3ml.wire.aecs.ShowAecs;

/// `s3ml aecs`: what the admins of an AECS rule.
@Command(
        name = "aecs",
        description = "An AECS itself: show, replicas, admins, sign, submit, backup, shares, recover.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AecsCommand.Show.class,
            AecsCommand.Replicas.class,
            AecsCommand.Admins.class,
            AecsDetached.Sign.class,
            AecsDetached.Submit.class,
            AecsBackupCommand.class,
            AecsSharesCommand.class,
            AecsRecoverCommand.class
        })
final class AecsCommand {
    private AecsCommand() {}

    static CommandResult show(AdminSession session) {
        return session.execute("show the AECS", command -> command.setShowAecs(ShowAecs.getDefaultInstance()));
    }

    /// `s3ml aecs show`.
    @Command(name = "show", description = "Show admins, replica policy, shares, and the head to remember.")
    static final class Show extends ReportingCommand {
        @Mixin
        private AdminOptions options = new AdminOptions();

        private Show() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                AecsSummary aecs = show(session).getAecs();
                boolean simulated = session.aecs().simulated();
                return Report.done(document(aecs, simulated), lines(aecs, simulated));
            }
        }

        private static JsonObject document(AecsSummary aecs, boolean simulated) {
            return JsonObject.builder()
                    .put("instanceId", ServiceJson.hex(aecs.getInstanceId()))
                    .put("simulated", simulated)
                    .put("version", aecs.getVersion())
                    .put(
                            "admins",
                            JsonArray.ofStrings(aecs.getAdminSha256List().stream()
                                    .map(ServiceJson::hex)
                                    .toList()))
                    .put("threshold", (long) aecs.getThreshold())
                    .put("replicaPolicy", aecs.getReplicaPolicyJson().toStringUtf8())
                    .put("sealToSigner", aecs.getSealToSigner())
                    .put("shareCount", (long) aecs.getShareCount())
                    .put("shareGeneration", (long) aecs.getShareGeneration())
                    .put("services", (long) aecs.getServices())
                    .put("headSequence", aecs.getHeadSequence())
                    .put("headChainHash", ServiceJson.hex(aecs.getHeadChainHash()))
                    .put("logSize", aecs.getLogHead().getTreeSize())
                    .put("logRoot", ServiceJson.hex(aecs.getLogHead().getRootHash()))
                    .build();
        }

        private static List<String> lines(AecsSummary aecs, boolean simulated) {
            List<String> lines = new ArrayList<>();
            lines.add("instance    " + ServiceJson.hex(aecs.getInstanceId()) + (simulated ? " (SIMULATED)" : ""));
            aecs.getAdminSha256List().forEach(admin -> lines.add("admin       SHA-256 " + ServiceJson.hex(admin)));
            lines.add("threshold   " + aecs.getThreshold());
            lines.add("replicas    "
                    + (aecs.getReplicaPolicyJson().isEmpty()
                            ? "no policy: none may join"
                            : aecs.getReplicaPolicyJson().toStringUtf8()));
            lines.add("shares      "
                    + (aecs.getShareCount() == 0
                            ? "none: a lost root secret cannot be recovered"
                            : aecs.getShareCount() + ", generation " + aecs.getShareGeneration()));
            lines.add("services    " + aecs.getServices());
            lines.add("head        " + aecs.getHeadSequence() + ":" + ServiceJson.hex(aecs.getHeadChainHash()));
            lines.add("log         " + aecs.getLogHead().getTreeSize() + " entries, root "
                    + ServiceJson.hex(aecs.getLogHead().getRootHash()));
            return lines;
        }
    }

    /// `s3ml aecs replicas`.
    @Command(name = "replicas", description = "Say which enclaves may join as replicas and so get the root secret.")
    static final class Replicas extends ReportingCommand {
        @Option(
                names = "--policy",
                required = true,
                paramLabel = "FILE",
                description = "policy in JSON: name the measurement of each build that may join")
        private Path policy = Path.of("");

        @Option(
                names = "--seal-to-signer",
                description = "let other builds of the same signer unseal the root on the same machine (upgrades); the"
                        + " AECS's evidence then says that its signer is trusted")
        private boolean sealToSigner;

        @Mixin
        private CoSigners others = new CoSigners();

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Replicas() {}

        @Override
        Report run() {
            Policy checked = Policy.parse(OwnerFiles.read(policy));
            try (AdminSession session = options.open()) {
                long version = show(session).getVersion();
                Consumer<AdminCommand.Builder> action = command -> command.setExpectedVersion(version)
                        .setSetReplicaPolicy(SetReplicaPolicy.newBuilder()
                                .setPolicyJson(ByteString.copyFromUtf8(checked.json()))
                                .setSealToSigner(sealToSigner));
                if (others.detached()) {
                    return others.request(session, action);
                }
                CommandResult result = session.execute("set the replica policy", others.keys(), action);
                return Report.done(
                        JsonObject.builder()
                                .put("version", result.getVersion())
                                .put("policyDigest", checked.digest().hex())
                                .put("sealToSigner", sealToSigner)
                                .build(),
                        List.of("replicas    policy " + checked.digest().hex()));
            }
        }
    }

    /// `s3ml aecs admins`.
    @Command(
            name = "admins",
            description = "Replace the admin set; as many admins must sign as the old threshold says.")
    static final class Admins extends ReportingCommand {
        @Option(
                names = "--admin",
                required = true,
                paramLabel = "FILE|BASE64",
                description = "public key of an admin of the new set; once for each")
        private List<String> admins = List.of();

        @Option(names = "--threshold", required = true, paramLabel = "M", description = "how many sign together")
        private int threshold;

        @Mixin
        private CoSigners others = new CoSigners();

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Admins() {}

        @Override
        Report run() {
            List<ByteString> keys = admins.stream()
                    .map(OwnerFiles::readPublicKey)
                    .map(ByteString::copyFrom)
                    .toList();
            try (AdminSession session = options.open()) {
                long version = show(session).getVersion();
                Consumer<AdminCommand.Builder> action = command -> command.setExpectedVersion(version)
                        .setReplaceAdmins(
                                ReplaceAdmins.newBuilder().addAllAdmins(keys).setThreshold(threshold));
                if (others.detached()) {
                    return others.request(session, action);
                }
                CommandResult result = session.execute("replace the admins", others.keys(), action);
                return Report.done(
                        JsonObject.builder()
                                .put("version", result.getVersion())
                                .put("admins", (long) keys.size())
                                .put("threshold", (long) threshold)
                                .build(),
                        List.of("admins      " + keys.size() + ", " + threshold + " sign together"));
            }
        }
    }

    /// The further admins of a command: their keys are at hand, or the command travels to them.
    static final class CoSigners {
        @Option(
                names = "--request",
                paramLabel = "FILE",
                description = "do not send the command: write it, signed by you, for `s3ml aecs sign` and `submit`")
        private @Nullable Path request;

        @Option(
                names = "--days",
                paramLabel = "N",
                defaultValue = "7",
                description = "how long the command of --request is good, 1 to 30 (default: ${DEFAULT-VALUE})")
        private int days;

        boolean detached() {
            return request != null;
        }

        /// Writes the command instead of sending it.
        ReportingCommand.Report request(AdminSession session, Consumer<AdminCommand.Builder> action) {
            DetachedCommand command = DetachedCommand.of(session.detached(Duration.ofDays(days), action));
            command.sign(session.admin());
            Path file = java.util.Objects.requireNonNull(request, "detached() was asked");
            command.write(file);
            List<String> lines = new ArrayList<>(command.lines());
            lines.add("wrote       " + file + ": let further admins `s3ml aecs sign` it, then `s3ml aecs submit` it");
            return ReportingCommand.Report.done(command.document(), lines);
        }

        @Option(
                names = "--also-key",
                paramLabel = "FILE",
                description = "key of a further admin who signs too; once for each")
        private @Nullable List<Path> files;

        List<Path> keys() {
            return files == null ? List.of() : files;
        }
    }

    /// A head as people write it down, `SEQUENCE:HASH`.
    static String head(long sequence, ByteString hash) {
        return sequence + ":" + HexFormat.of().formatHex(hash.toByteArray());
    }
}
