package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Hpke;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.CreateSecret;
import s3ml.wire.aecs.ListSecrets;
import s3ml.wire.aecs.RemoveSecret;
import s3ml.wire.aecs.RotateSecret;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.SecretSummary;

/// `s3ml secret`: keys, certificates and data that a service's enclaves get, or may use inside the AECS.
@Command(
        name = "secret",
        description = "Secrets of a service: create, rotate, remove, list.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SecretCommand.Create.class,
            SecretCommand.Rotate.class,
            SecretCommand.Remove.class,
            SecretCommand.ListAll.class
        })
final class SecretCommand {
    private SecretCommand() {}

    /// `s3ml secret create`.
    @Command(name = "create", description = "Create a secret inside the AECS, or import one.")
    static final class Create extends ReportingCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "name of the secret")
        private String name = "";

        @Option(
                names = "--kind",
                required = true,
                paramLabel = "KIND",
                description = "rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ed25519, sm2, aes-256, x25519, data,"
                        + " certificate")
        private String kind = "";

        @Option(names = "--from", paramLabel = "FILE", description = "import these bytes (data, aes-256)")
        private @Nullable Path from;

        @Option(names = "--read-only", description = "never rotated or removed")
        private boolean readOnly;

        @Option(names = "--public", description = "tell everybody the public half in the service's description")
        private boolean publicPart;

        @Option(names = "--use-inside", description = "never give it away: enclaves use it inside the AECS")
        private boolean useInside;

        @Option(names = "--policy", paramLabel = "FILE", description = "who gets it, besides the service's policy")
        private @Nullable Path policy;

        @Option(names = "--common-name", paramLabel = "NAME", description = "of a certificate")
        private String commonName = "";

        @Option(names = "--dns", split = ",", paramLabel = "NAME", description = "names in a certificate")
        private List<String> dnsNames = List.of();

        @Option(names = "--days", paramLabel = "N", description = "how long a certificate is valid (default 365)")
        private int days;

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Create() {}

        @Override
        Report run() {
            CreateSecret.Builder wish = CreateSecret.newBuilder()
                    .setService(service)
                    .setName(name)
                    .setKind(kind(kind))
                    .setReadOnly(readOnly)
                    .setPublicPart(publicPart)
                    .setUseInside(useInside)
                    .setCommonName(commonName)
                    .addAllDnsNames(dnsNames)
                    .setValidDays(days);
            if (policy != null) {
                wish.setPolicyJson(ByteString.copyFromUtf8(OwnerFiles.read(policy)));
            }
            try (AdminSession session = options.open()) {
                if (from != null) {
                    Hpke.Sealed sealed = sealed(session, service, name, from);
                    wish.setEncapsulatedKey(sealed.encapsulatedKey()).setCiphertext(sealed.ciphertext());
                }
                CommandResult result =
                        session.execute("create secret \"" + name + "\"", command -> command.setCreateSecret(wish));
                return changed(service, name, result, "created");
            }
        }
    }

    static SecretKind kind(String text) {
        try {
            return SecretKind.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw new S3mlException(
                    "CLI-150",
                    "cannot create the secret",
                    "there is no kind \"" + text + "\"",
                    "see --help for the kinds");
        }
    }

    private static Hpke.Sealed sealed(AdminSession session, String service, String name, Path file) {
        byte[] content = OwnerFiles.readBytes(file);
        byte[] info = ("s3ml secret v1\0" + service + "\0" + name).getBytes(StandardCharsets.UTF_8);
        try {
            return Hpke.seal(session.aecs().hpkePublicKey(), info, new byte[0], content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static ReportingCommand.Report changed(String service, String name, CommandResult result, String what) {
        return ReportingCommand.Report.done(
                JsonObject.builder()
                        .put("service", service)
                        .put("secret", name)
                        .put("version", result.getVersion())
                        .put("logIndex", result.getReceipt().getIndex())
                        .build(),
                List.of(what + "     " + name + " of " + service));
    }

    /// `s3ml secret rotate`.
    @Command(
            name = "rotate",
            description = "Make a new version; the old one stays valid for the grace period, then it is refused.")
    static final class Rotate extends ReportingCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "name of the secret")
        private String name = "";

        @Option(
                names = "--grace-seconds",
                paramLabel = "N",
                defaultValue = "86400",
                description = "how long the old version stays valid (default ${DEFAULT-VALUE})")
        private long grace;

        @Option(names = "--from", paramLabel = "FILE", description = "the new bytes of imported data")
        private @Nullable Path from;

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Rotate() {}

        @Override
        Report run() {
            RotateSecret.Builder wish =
                    RotateSecret.newBuilder().setService(service).setName(name).setGraceSeconds(grace);
            try (AdminSession session = options.open()) {
                if (from != null) {
                    Hpke.Sealed sealed = sealed(session, service, name, from);
                    wish.setEncapsulatedKey(sealed.encapsulatedKey()).setCiphertext(sealed.ciphertext());
                }
                long version = find(session, service, name).getVersion();
                CommandResult result = session.execute(
                        "rotate secret \"" + name + "\"",
                        command -> command.setExpectedVersion(version).setRotateSecret(wish));
                return changed(service, name, result, "rotated");
            }
        }
    }

    /// `s3ml secret remove`.
    @Command(name = "remove", description = "Destroy a secret; leases that hold it keep it until they end.")
    static final class Remove extends ReportingCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Parameters(index = "1", paramLabel = "NAME", description = "name of the secret")
        private String name = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Remove() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                long version = find(session, service, name).getVersion();
                CommandResult result = session.execute(
                        "remove secret \"" + name + "\"",
                        command -> command.setExpectedVersion(version)
                                .setRemoveSecret(RemoveSecret.newBuilder()
                                        .setService(service)
                                        .setName(name)));
                return changed(service, name, result, "removed");
            }
        }
    }

    /// `s3ml secret list`.
    @Command(name = "list", description = "List a service's secrets, without their contents.")
    static final class ListAll extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        private ListAll() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                List<SecretSummary> secrets = list(session, service);
                List<String> lines = new ArrayList<>();
                lines.add("%-24s %-12s %8s  %s".formatted("NAME", "KIND", "CURRENT", "FLAGS"));
                secrets.forEach(secret -> lines.add("%-24s %-12s %8d  %s"
                        .formatted(
                                secret.getName(), kind(secret.getKind()), secret.getCurrentNumber(), flags(secret))));
                return Report.done(
                        JsonObject.builder()
                                .put(
                                        "secrets",
                                        ServiceJson.array(secrets.stream()
                                                .map(ListAll::document)
                                                .toList()))
                                .build(),
                        lines);
            }
        }

        private static JsonObject document(SecretSummary secret) {
            return JsonObject.builder()
                    .put("name", secret.getName())
                    .put("kind", kind(secret.getKind()))
                    .put("readOnly", secret.getReadOnly())
                    .put("public", secret.getPublicPart())
                    .put("useInside", secret.getUseInside())
                    .put("current", (long) secret.getCurrentNumber())
                    .put("versions", (long) secret.getVersions())
                    .put("version", secret.getVersion())
                    .put("policyDigest", ServiceJson.hex(secret.getPolicyDigest()))
                    .build();
        }

        private static String kind(SecretKind kind) {
            return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private static String flags(SecretSummary secret) {
            List<String> flags = new ArrayList<>();
            if (secret.getReadOnly()) {
                flags.add("read-only");
            }
            if (secret.getPublicPart()) {
                flags.add("public");
            }
            if (secret.getUseInside()) {
                flags.add("use-inside");
            }
            if (!secret.getPolicyDigest().isEmpty()) {
                flags.add("own policy");
            }
            return String.join(", ", flags);
        }
    }

    private static List<SecretSummary> list(AdminSession session, String service) {
        return session.execute(
                        "list secrets of service \"" + service + "\"",
                        command ->
                                command.setListSecrets(ListSecrets.newBuilder().setService(service)))
                .getSecretsList();
    }

    private static SecretSummary find(AdminSession session, String service, String name) {
        return list(session, service).stream()
                .filter(secret -> secret.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new S3mlException(
                        "CLI-151",
                        "cannot change the secret",
                        "service \"" + service + "\" has no secret \"" + name + "\"",
                        "list them by `s3ml secret list " + service + "`"));
    }
}
