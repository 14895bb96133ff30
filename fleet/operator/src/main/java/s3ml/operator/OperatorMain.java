package s3ml.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import s3ml.operator.desired.FleetConfigs;
import s3ml.policy.FleetVersion;

/// Runs the operator until it is told to stop. Of several replicas one leads and works; the others wait for its lease.
@Command(
        name = "operator",
        version = FleetVersion.TEXT,
        mixinStandardHelpOptions = true,
        description = "keep a cluster as its SecureModel and ConfigurationService resources say")
public final class OperatorMain implements Callable<Integer> {
    private static final Logger LOG = System.getLogger(OperatorMain.class.getName());
    private static final String LEASE = "s3ml-operator";
    private static final Duration LEASE_DURATION = Duration.ofSeconds(15);
    private static final Duration LEASE_DEADLINE = Duration.ofSeconds(10);
    private static final Duration LEASE_RETRY = Duration.ofSeconds(2);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--namespace",
            required = true,
            split = ",",
            description = "namespaces whose resources are kept; the first holds the leader's lease")
    private java.util.List<String> namespaces = java.util.List.of();

    @Option(
            names = "--identity",
            required = true,
            description = "name of this replica, for the leader's lease: the Pod's name")
    private String identity = "";

    @Option(names = "--bind", description = "address of metrics and health (default: ${DEFAULT-VALUE})")
    private String bind = "127.0.0.1";

    @Option(
            names = "--metrics-port",
            description = "port of metrics and health; 0: the system chooses (default: ${DEFAULT-VALUE})")
    private int metricsPort = 0;

    @ArgGroup(exclusive = false)
    private @Nullable Control control;

    /// All of these, or none.
    static final class Control {
        @Option(names = "--control", required = true, paramLabel = "HOST:PORT", description = "the control plane")
        private String target = "";

        @Option(
                names = "--control-ca",
                required = true,
                paramLabel = "PEM",
                description = "authority of the control plane's certificate")
        private Path ca = Path.of("");

        @Option(
                names = "--control-certificate",
                required = true,
                paramLabel = "PEM",
                description = "the operator's own certificate, with the governor's name")
        private Path certificate = Path.of("");

        @Option(names = "--control-key", required = true, paramLabel = "PEM", description = "its private key, PKCS#8")
        private Path key = Path.of("");

        @Option(names = "--envoy-namespace", defaultValue = "", description = "where the Envoys are")
        private String envoyNamespace = "";

        @Option(
                names = "--envoy-label",
                split = ",",
                paramLabel = "KEY=VALUE",
                description = "label of the Envoys' Pods; may be repeated")
        private Map<String, String> envoyLabels = new LinkedHashMap<>();

        private Control() {}
    }

    private final ReconcileCounts counts = new ReconcileCounts();
    private Runnable governing = () -> {};

    /// The command line.
    public static void main(String[] arguments) {
        int status = new CommandLine(new OperatorMain()).execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        KubernetesClient client = new KubernetesClientBuilder().build();
        Operator operator = operator(client);
        HttpServer web = web();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            handOver(client);
            web.stop(0);
        }));
        web.start();
        System.out.println("{\"ready\":true,\"metricsPort\":" + web.getAddress().getPort() + "}");
        System.out.flush();
        operator.start();
        Thread.currentThread().join();
        return 0;
    }

    /// Asks the control plane to steer, from when this replica leads.
    private Steering steering(SecureModelReconciler.Seen seen) {
        Control given = control;
        if (given == null) {
            return Steering.NONE;
        }
        PolicySteering steering =
                new PolicySteering(seen::models, new PolicySteering.Envoys(given.envoyNamespace, given.envoyLabels));
        governing = () -> ControlLink.open(
                new ControlLink.Address(given.target, given.ca, given.certificate, given.key),
                () -> FleetConfigs.of(seen.models(), seen.pods(), steering::ports),
                decision -> steering.take(decision).forEach(seen::wake));
        return steering;
    }

    private Operator operator(KubernetesClient client) {
        Operator operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withMetrics(counts)
                .withCloseClientOnStop(true)
                .withReconciliationTerminationTimeout(STOP_PATIENCE)
                .withLeaderElectionConfiguration(LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                        .withLeaseNamespace(namespaces.getFirst())
                        .withIdentity(identity)
                        .withLeaseDuration(LEASE_DURATION)
                        .withRenewDeadline(LEASE_DEADLINE)
                        .withRetryPeriod(LEASE_RETRY)
                        .withLeaderCallbacks(new LeaderCallbacks(this::lead, () -> counts.leads(false), leader -> {}))
                        .build()));
        InstantSource clock = InstantSource.system();
        operator.register(new ConfigurationServiceReconciler(clock), this::configure);
        operator.register(new SecureModelReconciler(clock, this::steering), this::configure);
        return operator;
    }

    /// Only the leader governs: of two the control plane would listen to each in turn.
    private void lead() {
        counts.leads(true);
        governing.run();
    }

    /// Gives the lease away, so that another replica leads within two seconds and not when the lease has run out. The
    /// operator itself is not stopped in an orderly way: its election would then call [System#exit(int)], which waits
    /// for this very hook.
    private void handOver(KubernetesClient client) {
        if (!counts.leads()) {
            return;
        }
        try {
            client.leases().inNamespace(namespaces.getFirst()).withName(LEASE).edit(lease -> {
                if (identity.equals(lease.getSpec().getHolderIdentity())) {
                    lease.getSpec().setHolderIdentity("");
                    lease.getSpec().setLeaseDurationSeconds(1);
                }
                return lease;
            });
        } catch (KubernetesClientException e) {
            // The API server is away, or another replica leads already: then the lease runs out by itself.
            LOG.log(Logger.Level.INFO, "lease not handed over: {0}", e.getMessage());
        }
    }

    private void configure(ControllerConfigurationOverrider<?> controller) {
        controller.settingNamespaces(Set.copyOf(namespaces)).withRetry(retry());
    }

    /// For ever, since a cluster that is away for an hour comes back; at most half a minute apart.
    private static GenericRetry retry() {
        return new GenericRetry()
                .setInitialInterval(500)
                .setIntervalMultiplier(2)
                .setMaxInterval(30_000)
                .setMaxAttempts(Integer.MAX_VALUE);
    }

    private HttpServer web() throws IOException {
        HttpServer web = HttpServer.create(new InetSocketAddress(bind, metricsPort), 0);
        web.createContext("/metrics", exchange -> answer(exchange, counts.text()));
        web.createContext("/healthz", exchange -> answer(exchange, "ok\n"));
        return web;
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
        exchange.sendResponseHeaders(200, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }
}
