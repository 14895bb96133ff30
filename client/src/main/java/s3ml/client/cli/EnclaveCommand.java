package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.Denial;
import s3ml.wire.aecs.EndLease;
import s3ml.wire.aecs.LeaseSummary;
import s3ml.wire.aecs.ListDenials;
import s3ml.wire.aecs.RevokeMeasurement;
import s3ml.wire.aecs.ServiceSummary;

/// `s3ml enclave`: which enclaves hold a service's keys, and who was refused.
@Command(
        name = "enclave",
        description = "Enclaves of a service: list, denials, revoke, end.",
        mixinStandardHelpOptions = true,
        subcommands = {
            EnclaveCommand.ListAll.class,
            EnclaveCommand.Denials.class,
            EnclaveCommand.Revoke.class,
            EnclaveCommand.End.class
        })
final class EnclaveCommand {
    private EnclaveCommand() {}

    /// `s3ml enclave list`.
    @Command(name = "list", description = "List the leases that are valid now.")
    static final class ListAll extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        private ListAll() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                ServiceSummary summary = session.show(service);
                List<String> lines = new ArrayList<>();
                lines.add("%-32s %-20s %5s  %s".formatted("LEASE", "EXPIRES", "EPOCH", "MEASUREMENT"));
                for (LeaseSummary lease : summary.getLeasesList()) {
                    lines.add("%-32s %-20s %5d  %s%s"
                            .formatted(
                                    lease.getSerial(),
                                    Instant.ofEpochSecond(lease.getExpiresAtUnixMillis() / 1_000),
                                    lease.getPolicyEpoch(),
                                    ServiceJson.hex(lease.getMeasurement()),
                                    lease.getSimulated() ? " SIMULATED" : ""));
                }
                return Report.done(ServiceJson.of(summary), lines);
            }
        }
    }

    /// `s3ml enclave denials`.
    @Command(name = "denials", description = "Show the newest refused requests for keys, and what failed.")
    static final class Denials extends ReportingCommand {
        @Parameters(paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Denials() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                List<Denial> denials = session.execute(
                                "list denials of service \"" + service + "\"",
                                command -> command.setListDenials(
                                        ListDenials.newBuilder().setService(service)))
                        .getDenialsList();
                List<String> lines = new ArrayList<>();
                for (Denial denial : denials) {
                    lines.add(Instant.ofEpochMilli(denial.getAtUnixMillis()) + "  " + denial.getCode() + "  "
                            + ServiceJson.hex(denial.getMeasurement())
                            + (denial.getCount() > 1 ? "  (" + denial.getCount() + " times)" : ""));
                    denial.getFindingsList().forEach(finding -> lines.add("    " + finding));
                }
                if (lines.isEmpty()) {
                    lines.add("nobody was refused by this replica since it started");
                }
                return Report.done(
                        JsonObject.builder()
                                .put(
                                        "denials",
                                        ServiceJson.array(denials.stream()
                                                .map(Denials::document)
                                                .toList()))
                                .build(),
                        lines);
            }
        }

        private static JsonObject document(Denial denial) {
            return JsonObject.builder()
                    .put("at", Instant.ofEpochMilli(denial.getAtUnixMillis()).toString())
                    .put("code", denial.getCode())
                    .put("measurement", ServiceJson.hex(denial.getMeasurement()))
                    .put("findings", JsonArray.ofStrings(denial.getFindingsList()))
                    .put("count", (long) denial.getCount())
                    .build();
        }
    }

    /// `s3ml enclave revoke`.
    @Command(
            name = "revoke",
            description = "Give this measurement no keys any more; running enclaves drop theirs at their next renewal.")
    static final class Revoke extends ReportingCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Parameters(index = "1", paramLabel = "MEASUREMENT", description = "MRENCLAVE or MRTD, hexadecimal")
        private String measurement = "";

        @Option(names = "--lift", description = "allow it again, as far as the policy does")
        private boolean lift;

        @Mixin
        private AdminOptions options = new AdminOptions();

        private Revoke() {}

        @Override
        Report run() {
            ByteString bytes = bytes(measurement);
            try (AdminSession session = options.open()) {
                long version = session.show(service).getVersion();
                CommandResult result = session.execute(
                        (lift ? "lift the revocation of" : "revoke") + " a measurement",
                        command -> command.setExpectedVersion(version)
                                .setRevokeMeasurement(RevokeMeasurement.newBuilder()
                                        .setService(service)
                                        .setMeasurement(bytes)
                                        .setLift(lift)));
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("measurement", measurement)
                                .put("revoked", !lift)
                                .put("version", result.getVersion())
                                .build(),
                        List.of((lift ? "lifted      " : "revoked     ") + measurement));
            }
        }

        private static ByteString bytes(String hex) {
            try {
                return ByteString.copyFrom(HexFormat.of().parseHex(hex));
            } catch (IllegalArgumentException e) {
                throw new S3mlException(
                        "CLI-152",
                        "cannot revoke",
                        "\"" + hex + "\" is not hexadecimal",
                        "copy it from `s3ml enclave list`");
            }
        }
    }

    /// `s3ml enclave end`.
    @Command(name = "end", description = "End one lease: its enclave drops the keys at its next renewal.")
    static final class End extends ReportingCommand {
        @Parameters(index = "0", paramLabel = "SERVICE", description = "name of the service")
        private String service = "";

        @Parameters(index = "1", paramLabel = "LEASE", description = "serial of the lease")
        private String serial = "";

        @Mixin
        private AdminOptions options = new AdminOptions();

        private End() {}

        @Override
        Report run() {
            try (AdminSession session = options.open()) {
                session.execute(
                        "end lease " + serial,
                        command -> command.setEndLease(
                                EndLease.newBuilder().setService(service).setSerial(serial)));
                return Report.done(
                        JsonObject.builder()
                                .put("service", service)
                                .put("lease", serial)
                                .put("ended", true)
                                .build(),
                        List.of("ended       " + serial));
            }
        }
    }
}
