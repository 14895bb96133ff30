package s3ml.control;

import com.google.protobuf.util.JsonFormat;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import s3ml.console.Console;
import s3ml.policy.FleetException;
import s3ml.policy.FleetVersion;
import s3ml.wire.fleet.ConsoleGrpc;
import s3ml.wire.fleet.ExplainRequest;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostExplanation;

/// `s3ml control`: runs the control plane, or asks a running one to explain itself.
@Command(
        name = "control",
        description = "Balance a fleet by its EPC paging, or explain what a running control plane decided.",
        version = FleetVersion.TEXT,
        mixinStandardHelpOptions = true,
        subcommands = {ControlMain.Run.class, ControlMain.Explain.class, ControlMain.End.class})
public final class ControlMain {
    private ControlMain() {}

    /// Exit status: 0 done, 1 failed, 2 wrong usage.
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /// The whole command line.
    public static CommandLine commandLine() {
        return new CommandLine(new ControlMain()).setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof FleetException expected) {
                command.getErr().println("s3ml: " + expected.getMessage());
                return 1;
            }
            throw failure;
        });
    }

    /// `s3ml control run`.
    @Command(
            name = "run",
            description = {
                "Run the control plane: agents report over mutual TLS, data planes fetch weights by xDS.",
                "The fleet is a file's (--config), or what a peer with that name in its certificate says (--governor).",
                "With --lease several share a file: one decides, the others stand by.",
                "With --replicas it starts and ends model servers here; they stay when it ends (control end).",
                "Prints one JSON line when ready."
            },
            version = FleetVersion.TEXT,
            mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {
        @ArgGroup(multiplicity = "1")
        private Source source = new Source();

        /// One of the two.
        static final class Source {
            @ArgGroup(exclusive = false)
            private @Nullable FromFile file;

            @Option(
                    names = "--governor",
                    required = true,
                    paramLabel = "NAME",
                    description = "common name of the certificate of who may say what the fleet is")
            private @Nullable String governor;

            private Source() {}
        }

        /// A file, and what it lets the control plane do.
        static final class FromFile {
            @Option(names = "--config", required = true, paramLabel = "FILE", description = "fleet.json")
            private Path config = Path.of("");

            @Option(
                    names = "--replicas",
                    paramLabel = "DIR",
                    description =
                            "start replicas on this machine, of the models that say how, and keep their logs here")
            private @Nullable Path replicas;

            private FromFile() {}

            private ControlPlane.Fleet open() {
                FleetConfig fleet = ConfigFile.read(config);
                Path folder = replicas;
                if (folder != null) {
                    return new ControlPlane.Fleet(
                            fleet, Optional.of(LocalReplicas.open(fleet, folder, InstantSource.system())));
                }
                fleet.getModelsList().stream()
                        .filter(LocalReplicas::isStarted)
                        .findFirst()
                        .ifPresent(model -> {
                            throw new FleetException(
                                    "CTL-108",
                                    "cannot start replicas of " + model.getName(),
                                    "it is not said where they are written down",
                                    "give --replicas DIR, or take \"start\" out of fleet.json");
                        });
                return new ControlPlane.Fleet(fleet);
            }
        }

        @Option(
                names = "--agents",
                paramLabel = "NAME",
                description =
                        "common name of a certificate that all agents share; they then name their host themselves")
        private @Nullable String agents;

        @Option(names = "--certificate", required = true, paramLabel = "PEM", description = "its certificate chain")
        private Path certificate = Path.of("");

        @Option(names = "--key", required = true, paramLabel = "PEM", description = "its private key, PKCS#8")
        private Path key = Path.of("");

        @Option(names = "--clients", required = true, paramLabel = "PEM", description = "authorities of its peers")
        private Path clients = Path.of("");

        @Option(names = "--bind", paramLabel = "ADDRESS", defaultValue = "127.0.0.1", description = "for agents")
        private String bind = "127.0.0.1";

        @Option(names = "--port", paramLabel = "PORT", defaultValue = "0", description = "for agents and consoles")
        private int port;

        @Option(
                names = "--xds-bind",
                paramLabel = "ADDRESS",
                defaultValue = "127.0.0.1",
                description = "for data planes; on any other address than loopback it needs a certificate")
        private String xdsBind = "127.0.0.1";

        @Option(names = "--xds-port", paramLabel = "PORT", defaultValue = "0", description = "for data planes (xDS)")
        private int xdsPort;

        @Option(names = "--lease", paramLabel = "FILE", description = "decide only while holding this lease")
        private @Nullable Path lease;

        @ArgGroup(exclusive = false)
        private @Nullable ServedConsole console;

        private Run() {}

        @Override
        @SuppressWarnings("try") // The lease works by being held.
        public Integer call() throws IOException, InterruptedException {
            CountDownLatch ending = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(ending::countDown));
            try (LeaderLease held = lease == null ? null : LeaderLease.acquire(lease);
                    ControlPlane plane = ControlPlane.start(
                            source.file == null
                                    ? new ControlPlane.Fleet(FleetConfig.getDefaultInstance())
                                    : source.file.open(),
                            new ControlPlane.Peers(Optional.ofNullable(source.governor), Optional.ofNullable(agents)),
                            new ControlPlane.Tls(certificate, key, clients),
                            new ControlPlane.Ports(bind, port, xdsBind, xdsPort),
                            InstantSource.system());
                    Console page = console == null ? null : console.start(plane)) {
                System.out.printf(
                        "{\"ready\":true,\"port\":%d,\"xdsPort\":%d%s}%n",
                        plane.agentPort(), plane.xdsPort(), page == null ? "" : ",\"consolePort\":" + page.port());
                System.out.flush();
                ending.await();
            }
            return 0;
        }
    }

    /// `s3ml control end`.
    @Command(
            name = "end",
            description = "End the replicas that a control plane started on this machine, when none is running.",
            version = FleetVersion.TEXT,
            mixinStandardHelpOptions = true)
    static final class End implements Callable<Integer> {
        private static final Duration PATIENCE = Duration.ofSeconds(60);

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(names = "--replicas", required = true, paramLabel = "DIR", description = "as control run was given")
        private Path replicas = Path.of("");

        private End() {}

        @Override
        public Integer call() throws IOException, InterruptedException {
            int ended = LocalReplicas.endAll(replicas, PATIENCE);
            spec.commandLine().getErr().println(ended + " replicas ended");
            return 0;
        }
    }

    /// `s3ml control explain`.
    @Command(
            name = "explain",
            description = "Tell which numbers led to which weight.",
            version = FleetVersion.TEXT,
            mixinStandardHelpOptions = true)
    static final class Explain implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(names = "--control", required = true, paramLabel = "HOST:PORT", description = "the control plane")
        private String target = "";

        @Option(names = "--ca", required = true, paramLabel = "PEM", description = "authority of the control plane")
        private Path ca = Path.of("");

        @Option(names = "--certificate", required = true, paramLabel = "PEM", description = "a client certificate")
        private Path certificate = Path.of("");

        @Option(names = "--key", required = true, paramLabel = "PEM", description = "its private key")
        private Path key = Path.of("");

        @Option(names = "--json", description = "print one JSON document and nothing else")
        private boolean json;

        @Parameters(arity = "0..1", paramLabel = "HOST", description = "only this host")
        private String host = "";

        private Explain() {}

        @Override
        public Integer call() throws IOException, InterruptedException {
            ChannelCredentials credentials = TlsChannelCredentials.newBuilder()
                    .keyManager(certificate.toFile(), key.toFile())
                    .trustManager(ca.toFile())
                    .build();
            ManagedChannel channel = Grpc.newChannelBuilder(target, credentials).build();
            try {
                Explanation explanation = ConsoleGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(5, TimeUnit.SECONDS)
                        .explain(ExplainRequest.newBuilder().setHost(host).build());
                PrintWriter out = spec.commandLine().getOut();
                if (json) {
                    out.println(JsonFormat.printer()
                            .alwaysPrintFieldsWithNoPresence()
                            .omittingInsignificantWhitespace()
                            .print(explanation));
                } else {
                    print(explanation, out);
                }
                out.flush();
                return 0;
            } catch (io.grpc.StatusRuntimeException failed) {
                throw new FleetException(
                        "CTL-104",
                        "the control plane at " + target + " did not answer",
                        failed.getStatus().toString(),
                        "check the address and the certificates");
            } finally {
                channel.shutdownNow().awaitTermination(2, TimeUnit.SECONDS);
            }
        }

        static void print(Explanation explanation, PrintWriter out) {
            for (HostExplanation host : explanation.getHostsList()) {
                out.printf(Locale.ROOT, "%s: weight %.3f%n", host.getHost(), host.getWeight());
                host.getReplicasList()
                        .forEach(replica -> out.printf(
                                Locale.ROOT,
                                "    %s (%s): %s%n",
                                replica.getReplica(),
                                replica.getModel(),
                                replica.getActive() ? "weight " + replica.getWeight() : "parked"));
                host.getReasonsList().forEach(reason -> out.println("    because " + reason));
            }
            explanation.getModelsList().forEach(model -> {
                out.printf("%s: %d replicas wanted%n", model.getModel(), model.getDesired());
                model.getActionsList().forEach(action -> out.println("    " + action));
                model.getReasonsList().forEach(reason -> out.println("    because " + reason));
            });
        }
    }
}
