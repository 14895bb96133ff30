package s3ml.client.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.RaiseEpoch;
import s3ml.wire.aecs.ServiceSummary;

/// `s3ml policy`: who gets a service's keys, and since when.
@Command(
        name = "policy",
        description = "Policies of services: show, set, check, raise.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PolicyCommand.Show.class,
            ServicePolicyCommand.Set.class,
            ServicePolicyCommand.Check.class,
            PolicyCommand.Raise.class
        })
final class PolicyCommand {
    private PolicyCommand() {}

    /// `s3ml policy show`.
    @Command(name = "show", description = "Show the policy, its digest and its epoch.")
    static final class Show extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Show() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                ServiceSummary summary = session.show(service);
                String text = summary.getPolicyJson().toStringUtf8();
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("policyEpoch", summary.getPolicyEpoch())
                                .put("policy", text)
                                .build(),
                        List.of(
                                "epoch       " + summary.getPolicyEpoch(),
                                text.isEmpty() ? "no policy: nobody gets keys" : text));
            }
        }
    }

    /// `s3ml policy raise`.
    @Command(
            name = "raise",
            description = "Raise the epoch: enclaves that the policy no longer accepts lose their keys at their lease's"
                    + " end, or with --now at their next renewal.")
    static final class Raise extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Option(names = "--now", description = "at the next renewal instead of the lease's end")
        private boolean now;

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Raise() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                long epoch = session.show(service).getPolicyEpoch();
                CommandResult result = session.execute(
                        "raise the epoch of service \"" + service + "\"",
                        command -> command.setExpectedVersion(epoch)
                                .setRaiseEpoch(RaiseEpoch.newBuilder()
                                        .setService(service)
                                        .setNow(now)));
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("policyEpoch", result.getVersion())
                                .put("now", now)
                                .build(),
                        List.of("epoch       " + result.getVersion()));
            }
        }
    }
}
