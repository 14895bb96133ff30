package s3ml.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs the operator until it is told to stop. Of several replicas one leads and works; the others wait for its lease.
@Command(
        name = "operator",
        mixinStandardHelpOptions = true,
        description = "keep a cluster as its SecureModel and ConfigurationService resources say")
public final class OperatorMain implements Callable<Integer> {
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

    /// Exit status of a leader that has lost its lease: another one leads, so this one must not write any more.
    private static final int LEADERSHIP_LOST = 1;

    private final ReconcileCounts counts = new ReconcileCounts();
    private volatile boolean stopping;

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
            stopping = true;
            operator.stop();
            web.stop(0);
        }));
        web.start();
        System.out.println("{\"ready\":true,\"metricsPort\":" + web.getAddress().getPort() + "}");
        System.out.flush();
        // Returns when this replica leads, which may be never.
        operator.start();
        Thread.currentThread().join();
        return 0;
    }

    @SuppressWarnings("removal") // The default ends the process from within the shutdown hook, which then never ends.
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
                        .withExitOnStopLeading(false)
                        .withLeaderCallbacks(
                                new LeaderCallbacks(() -> counts.leads(true), this::leadsNoMore, leader -> {}))
                        .build()));
        InstantSource clock = InstantSource.system();
        operator.register(new ConfigurationServiceReconciler(clock), this::configure);
        operator.register(new SecureModelReconciler(clock, Relief.NONE), this::configure);
        return operator;
    }

    /// Not by [System#exit(int)], which a shutdown hook that stops the election would wait for, and for ever.
    private void leadsNoMore() {
        counts.leads(false);
        if (!stopping) {
            Runtime.getRuntime().halt(LEADERSHIP_LOST);
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
