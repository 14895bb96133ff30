package s3ml.agent;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import s3ml.policy.FleetException;
import s3ml.policy.FleetVersion;

/// `s3ml agent`: samples a host's paging and reports it until it is told to end.
@Command(
        name = "agent",
        description = {
            "Report this host's EPC paging and what its model servers do, as Prometheus metrics and to the control"
                    + " plane,",
            "which may name model servers beside those of --replica. Prints one JSON line when ready."
        },
        version = FleetVersion.TEXT,
        mixinStandardHelpOptions = true)
public final class AgentMain implements Callable<Integer> {
    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "where proc and sys lie, for containers (default: ${DEFAULT-VALUE})")
    private Path root = Path.of("/");

    @Option(names = "--emulated", paramLabel = "DIR", description = "counter folder of an emulated EPC")
    private @Nullable Path emulated;

    @Option(
            names = "--replica",
            paramLabel = "NAME=URL",
            description = "metrics page of a model server on this host; may be repeated")
    private Map<String, URI> replicas = new LinkedHashMap<>();

    @Option(
            names = "--metrics-bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "address of the metrics page (default: ${DEFAULT-VALUE})")
    private String metricsBind = "127.0.0.1";

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "port of the metrics page (default: the system chooses)")
    private int metricsPort;

    @Option(
            names = "--interval-millis",
            paramLabel = "N",
            defaultValue = "1000",
            description = "between two samples, 100 to 60000 (default: ${DEFAULT-VALUE})")
    private long intervalMillis;

    @Option(
            names = "--install-probes",
            description = "count the mainline SGX driver's paging by kernel probes of tracefs; takes root")
    private boolean installProbes;

    @ArgGroup(exclusive = false)
    private @Nullable Control control;

    /// All of these, or none; the host's name only with a shared certificate.
    static final class Control {
        @Option(names = "--control", required = true, paramLabel = "HOST:PORT", description = "the control plane")
        private String target = "";

        @Option(names = "--ca", required = true, paramLabel = "PEM", description = "authority of the control plane")
        private Path ca = Path.of("");

        @Option(names = "--certificate", required = true, paramLabel = "PEM", description = "the agent's certificate")
        private Path certificate = Path.of("");

        @Option(names = "--key", required = true, paramLabel = "PEM", description = "its private key")
        private Path key = Path.of("");

        @Option(
                names = "--host",
                paramLabel = "NAME",
                defaultValue = "",
                description = "this host's name, where all agents share a certificate (default: the certificate's)")
        private String host = "";

        private Control() {}
    }

    private AgentMain() {}

    /// Exit status: 0 done, 1 failed, 2 wrong usage.
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /// The whole command line.
    public static CommandLine commandLine() {
        return new CommandLine(new AgentMain()).setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof FleetException expected) {
                command.getErr().println("s3ml: " + expected.getMessage());
                return 1;
            }
            throw failure;
        });
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        AgentConfig config;
        try {
            config = new AgentConfig(
                    root,
                    Optional.ofNullable(emulated),
                    replicas,
                    Optional.ofNullable(control)
                            .map(given -> new AgentConfig.ControlAddress(
                                    given.target, given.ca, given.certificate, given.key, given.host)),
                    new Exporter.Address(metricsBind, metricsPort),
                    Duration.ofMillis(intervalMillis));
        } catch (IllegalArgumentException wrong) {
            throw new FleetException(
                    "AGT-102", "cannot start the agent", wrong.getMessage() + "", "correct the options");
        }
        if (installProbes) {
            new SourceDetection(root).installProbes();
        }
        try (Agent agent = Agent.start(config)) {
            System.out.printf(
                    "{\"ready\":true,\"metricsPort\":%d,\"pagingSource\":\"%s\"}%n",
                    agent.metricsPort(), agent.sourceName());
            System.out.flush();
            agent.awaitEnd();
        }
        return 0;
    }
}
