package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.CreateService;
import s3ml.wire.aecs.ListServices;
import s3ml.wire.aecs.ServiceSummary;

/// `s3ml service`: what model owners rule.
@Command(
        name = "service",
        description = "Services of an attested AECS: create, show, policy, models.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ServiceCommand.Create.class,
            ServiceCommand.Show.class,
            ServiceCommand.ListAll.class,
            ServicePolicyCommand.class,
            ServiceAccessCommand.class,
            ServiceModelCommand.class
        })
final class ServiceCommand {
    private ServiceCommand() {}

    /// `s3ml service create`, by an AECS admin.
    @Command(name = "create", description = "Create a service. It has no policy yet, and so gives keys to nobody.")
    static final class Create extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the new service")
        private String service = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        @Option(
                names = "--names",
                required = true,
                split = ",",
                paramLabel = "NAME|ADDRESS",
                description = "DNS names and IP addresses for the replicas' certificates")
        private List<String> names = List.of();

        @Option(
                names = "--service-admin",
                paramLabel = "FILE|BASE64",
                description = "public key of who rules the service; default: the admin who creates it")
        private @Nullable String serviceAdmin;

        @Option(names = "--tenant", description = "groups services for limits and lists")
        private String tenant = "";

        private Create() {}

        @Override
        Report run() {
            byte[] owner = serviceAdmin == null
                    ? OwnerFiles.readAdminKey(options.key()).getPublic().getEncoded()
                    : OwnerFiles.readPublicKey(serviceAdmin);
            try (AdminSession session = options.open()) {
                session.execute(
                        "create service \"" + service + "\"",
                        command -> command.setCreateService(CreateService.newBuilder()
                                .setService(service)
                                .setServiceAdminKey(ByteString.copyFrom(owner))
                                .setTenant(tenant)
                                .addAllNames(names)));
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("aecs", session.aecs().identityDigest().hex())
                                .put("simulated", session.aecs().simulated())
                                .build(),
                        List.of(
                                "created     " + service,
                                "next        s3ml service policy set " + service + " POLICY.json"));
            }
        }
    }

    /// `s3ml service show`, by the service admin.
    @Command(name = "show", description = "Show a service.")
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
                return Report.done(ServiceJson.of(summary), ServiceJson.lines(summary));
            }
        }
    }

    /// `s3ml service list`.
    @Command(name = "list", description = "List the services that the admin may see.")
    static final class ListAll extends ReportingCommand {
        @Mixin
        private AdminOptions options = new AdminOptions();

        private ListAll() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                CommandResult result = session.execute(
                        "list services", command -> command.setListServices(ListServices.getDefaultInstance()));
                List<String> lines = new ArrayList<>();
                result.getServicesList().forEach(service -> lines.addAll(ServiceJson.lines(service)));
                if (lines.isEmpty()) {
                    lines.add("no services");
                }
                return Report.done(
                        JsonObject.builder()
                                .put(
                                        "services",
                                        ServiceJson.array(result.getServicesList().stream()
                                                .map(ServiceJson::of)
                                                .toList()))
                                .build(),
                        lines);
            }
        }
    }
}
