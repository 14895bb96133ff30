package s3ml.client.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.Digest;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.access.AccessRules;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.PutConfiguration;
import s3ml.wire.aecs.ServiceSummary;

/// `s3ml service access`: who may call the service's model servers.
@Command(
        name = "access",
        description = "Who may call the service, and for what.",
        mixinStandardHelpOptions = true,
        subcommands = {ServiceAccessCommand.Set.class, ServiceAccessCommand.Show.class, ServiceAccessCommand.Token.class
        })
final class ServiceAccessCommand {
    private ServiceAccessCommand() {}

    /// `s3ml service access set`.
    @Command(
            name = "set",
            description = "Set the access rules; model servers obey them from the next renewal of their leases on.")
    static final class Set extends ReportingCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Parameters(index = "1", paramLabel = "RULES", description = "access rules in JSON")
        private Path file = Path.of("");

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Set() {}

        @Override
        Report run() {
            String rules = OwnerFiles.read(file);
            // Servers let nobody in by rules which they cannot read: better found out here.
            AccessRules.parse(rules);
            try (AdminSession session = options.open()) {
                ServiceSummary summary = session.show(service);
                Map<String, String> entries = new HashMap<>(summary.getConfigurationMap());
                entries.put(AccessRules.CONFIGURATION_KEY, rules);
                CommandResult result = session.execute(
                        "set the access rules of service \"" + service + "\"",
                        command -> command.setExpectedVersion(summary.getConfigurationVersion())
                                .setPutConfiguration(PutConfiguration.newBuilder()
                                        .setService(service)
                                        .putAllEntries(entries)));
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("configurationVersion", result.getVersion())
                                .build(),
                        List.of("access      set, configuration version " + result.getVersion()));
            }
        }
    }

    /// `s3ml service access show`.
    @Command(name = "show", description = "Show the access rules.")
    static final class Show extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Show() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                String rules = session.show(service).getConfigurationOrDefault(AccessRules.CONFIGURATION_KEY, "");
                JsonObject.Builder document = JsonObject.builder().put("service", service);
                if (rules.isEmpty()) {
                    return Report.done(
                            document.build(),
                            List.of("access      no rules: anybody who reaches a server may infer, nobody may load"));
                }
                JsonObject read = Json.parseObject(rules);
                return Report.done(document.put("access", read).build(), List.of(Json.writePretty(read)));
            }
        }
    }

    /// `s3ml service access token`.
    @Command(
            name = "token",
            description = {
                "Make a bearer token, and the entry of access rules that knows it by its digest.",
                "Talks to nobody: put the entry into \"callers\" of the rules, and set those."
            })
    static final class Token extends ReportingCommand {
        /// As much as a key has.
        private static final int TOKEN_BYTES = 32;

        @Parameters(paramLabel = "CALLER", description = "name of whoever gets the token")
        private String caller = "";

        @Option(
                names = "--out",
                required = true,
                paramLabel = "FILE",
                description = "where to write the token; must not exist")
        private Path out = Path.of("");

        @Option(names = "--infer", split = ",", paramLabel = "MODEL", description = "models to use; * for all")
        private List<String> infer = List.of();

        @Option(names = "--control", split = ",", paramLabel = "MODEL", description = "models to load and unload")
        private List<String> control = List.of();

        private Token() {}

        @Override
        Report run() {
            byte[] random = new byte[TOKEN_BYTES];
            new SecureRandom().nextBytes(random);
            String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
            OwnerFiles.writeSecret(out, token + "\n");
            JsonObject entry = JsonObject.builder()
                    .put("name", caller)
                    .put(
                            "tokenSha256",
                            Digest.of(token.getBytes(StandardCharsets.US_ASCII)).hex())
                    .put("infer", JsonArray.ofStrings(infer))
                    .put("control", JsonArray.ofStrings(control))
                    .build();
            return Report.done(entry, List.of("token       " + out, "entry       " + Json.write(entry)));
        }
    }
}
