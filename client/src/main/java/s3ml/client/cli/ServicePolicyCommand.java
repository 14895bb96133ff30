package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import s3ml.attest.Policy;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.CheckPolicy;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.LeaseEffect;
import s3ml.wire.aecs.PolicyEffect;
import s3ml.wire.aecs.SetPolicy;

/// `s3ml service policy`: who gets the service's keys.
@Command(
        name = "policy",
        description = "Which enclaves get the service's keys.",
        mixinStandardHelpOptions = true,
        subcommands = {ServicePolicyCommand.Set.class, ServicePolicyCommand.Check.class})
final class ServicePolicyCommand {
    private ServicePolicyCommand() {}

    /// `s3ml service policy set`.
    @Command(
            name = "set",
            description = "Set the policy; enclaves that it refuses lose their keys when their leases end.")
    static final class Set extends ReportingCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Parameters(index = "1", paramLabel = "POLICY", description = "policy in JSON")
        private Path file = Path.of("");

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Set() {}

        @Override
        Report run() {
            Policy policy = Policy.parse(OwnerFiles.read(file));
            try (AdminSession session = options.open()) {
                long epoch = session.show(service).getPolicyEpoch();
                CommandResult result = session.execute(
                        "set the policy of service \"" + service + "\"",
                        command -> command.setExpectedVersion(epoch)
                                .setSetPolicy(SetPolicy.newBuilder()
                                        .setService(service)
                                        .setPolicyJson(ByteString.copyFromUtf8(policy.json()))));
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("policyEpoch", result.getVersion())
                                .put("policyDigest", policy.digest().hex())
                                .build(),
                        List.of("policy      epoch " + result.getVersion() + ", SHA-256 "
                                + policy.digest().hex()));
            }
        }
    }

    /// `s3ml service policy check`.
    @Command(
            name = "check",
            description = "Say what a policy would change for the enclaves that hold leases now, without setting it.")
    static final class Check extends ReportingCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Parameters(index = "1", paramLabel = "POLICY", description = "policy in JSON")
        private Path file = Path.of("");

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Check() {}

        @Override
        Report run() {
            Policy policy = Policy.parse(OwnerFiles.read(file));
            try (AdminSession session = options.open()) {
                PolicyEffect effect = session.execute(
                                "check a policy for service \"" + service + "\"",
                                command -> command.setCheckPolicy(CheckPolicy.newBuilder()
                                        .setService(service)
                                        .setPolicyJson(ByteString.copyFromUtf8(policy.json()))))
                        .getEffect();
                return Report.done(document(effect), lines(effect));
            }
        }

        private static JsonObject document(PolicyEffect effect) {
            return JsonObject.builder()
                    .put(
                            "leases",
                            ServiceJson.array(effect.getLeasesList().stream()
                                    .map(Check::lease)
                                    .toList()))
                    .put("rulesAdded", JsonArray.ofStrings(effect.getRulesAddedList()))
                    .put("rulesRemoved", JsonArray.ofStrings(effect.getRulesRemovedList()))
                    .put("changes", JsonArray.ofStrings(effect.getChangesList()))
                    .put("warnings", JsonArray.ofStrings(effect.getWarningsList()))
                    .build();
        }

        private static JsonObject lease(LeaseEffect effect) {
            return JsonObject.builder()
                    .put("serial", effect.getLease().getSerial())
                    .put("measurement", ServiceJson.hex(effect.getLease().getMeasurement()))
                    .put("acceptedNow", effect.getAcceptedNow())
                    .put("acceptedThen", effect.getAcceptedThen())
                    .put("findings", JsonArray.ofStrings(effect.getFindingsList()))
                    .build();
        }

        private static List<String> lines(PolicyEffect effect) {
            List<String> lines = new ArrayList<>();
            effect.getRulesAddedList().forEach(rule -> lines.add("+ " + rule));
            effect.getRulesRemovedList().forEach(rule -> lines.add("- " + rule));
            effect.getChangesList().forEach(change -> lines.add("~ " + change));
            effect.getWarningsList().forEach(warning -> lines.add("WARNING     " + warning));
            for (LeaseEffect lease : effect.getLeasesList()) {
                String outcome = lease.getAcceptedThen() ? (lease.getAcceptedNow() ? "keeps" : "gains") : "LOSES";
                lines.add(outcome + " access: " + lease.getLease().getSerial() + " "
                        + ServiceJson.hex(lease.getLease().getMeasurement())
                        + (lease.getFindingsList().isEmpty()
                                ? ""
                                : " (" + String.join("; ", lease.getFindingsList()) + ")"));
            }
            if (lines.isEmpty()) {
                lines.add("nothing would change");
            }
            return lines;
        }
    }
}
