package s3ml.lab.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import s3ml.agent.AgentMain;
import s3ml.control.ControlMain;
import s3ml.operator.OperatorMain;
import s3ml.operator.desired.AecsObjects;
import s3ml.operator.desired.Labels;

/// The chart as the real Helm renders it: where the console is, and that each program takes the words it is started
/// with.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class ChartIT {
    private static final Path CHART = Path.of("..", "deploy", "chart");
    private static final String FULL = "control.enabled=true,control.console.enabled=true,control.console.aecs=keys,"
            + "control.agent.emulatedEpc=/var/lib/epc,simulation.enabled=true";

    @TempDir
    private Path home = Path.of("");

    @BeforeAll
    static void helmIsThere() {
        assumeTrue(Files.isExecutable(helm()), "the test cluster's programs have not been built");
    }

    private static Path helm() {
        return Path.of(Objects.requireNonNull(System.getProperty("s3ml.components")), "kubernetes", "helm");
    }

    private record Rendered(int status, String text) {
        List<HasMetadata> objects() {
            assertThat(status).as(text).isZero();
            KubernetesSerialization yaml = new KubernetesSerialization();
            return Stream.of(text.split("(?m)^---$", -1))
                    .filter(document -> document.contains("kind:"))
                    .map(document -> yaml.<HasMetadata>unmarshal(document))
                    .toList();
        }

        <T extends HasMetadata> T object(Class<T> kind, String name) {
            return objects().stream()
                    .filter(kind::isInstance)
                    .map(kind::cast)
                    .filter(object -> object.getMetadata().getName().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        Container control() {
            return object(Deployment.class, "s3ml-control")
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst();
        }

        List<NetworkPolicyEgressRule> waysOut() {
            return object(NetworkPolicy.class, "s3ml-control").getSpec().getEgress();
        }
    }

    private Rendered render(String values) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                helm().toString(),
                "template",
                "s3ml",
                CHART.toString(),
                "--namespace=models",
                "--kube-version=1.34",
                "--set=" + values));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", home.toString());
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Rendered(process.waitFor(), text);
    }

    @Test
    void the_console_is_served_in_the_control_planes_pod_and_reaches_the_AECS_that_is_named_and_nothing_else()
            throws Exception {
        Rendered rendered = render(FULL);

        assertThat(rendered.control().getImage()).contains("/control:");
        assertThat(rendered.control().getArgs())
                .contains(
                        "--console-port=8480",
                        "--console-aecs=keys.models.svc:7443",
                        "--console-aecs-metrics=http://keys-0.keys-peers.models.svc:7444/metrics");
        assertThat(rendered.control().getPorts())
                .as("it is on loopback, so there is no port to name")
                .noneMatch(port -> port.getContainerPort() == 8480);
        assertThat(rendered.waysOut()).hasSize(2);
        assertThat(rendered.waysOut()
                        .getFirst()
                        .getTo()
                        .getFirst()
                        .getPodSelector()
                        .getMatchLabels())
                .containsEntry(Labels.AECS, "keys");
        assertThat(rendered.waysOut().getFirst().getPorts())
                .extracting(port -> port.getPort().getIntVal())
                .containsExactly(AecsObjects.PORT, AecsObjects.METRICS_PORT);
        assertThat(rendered.waysOut().getLast().getPorts())
                .extracting(port -> port.getPort().getIntVal())
                .containsOnly(53);
    }

    @Test
    void without_it_the_control_plane_calls_nobody() throws Exception {
        for (String values : List.of(
                "control.enabled=true",
                "control.enabled=true,control.console.enabled=true",
                "control.enabled=true,control.console.aecs=keys")) {
            Rendered rendered = render(values);

            assertThat(rendered.control().getArgs()).as(values).noneMatch(word -> word.startsWith("--console-aecs"));
            assertThat(rendered.waysOut()).as(values).isEmpty();
        }
        assertThat(render("control.enabled=true").control().getArgs()).noneMatch(word -> word.startsWith("--console"));
    }

    @Test
    void each_program_takes_the_words_that_the_chart_starts_it_with() throws Exception {
        Rendered rendered = render(FULL);

        ControlMain.commandLine().parseArgs(words(rendered.control()));
        AgentMain.commandLine()
                .parseArgs(words(rendered.object(DaemonSet.class, "s3ml-agent")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()));
        new CommandLine(new OperatorMain())
                .parseArgs(words(rendered.object(Deployment.class, "s3ml-operator")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()));
    }

    private static String[] words(Container container) {
        return container.getArgs().toArray(String[]::new);
    }

    @Test
    void a_wrong_name_or_value_is_refused() throws Exception {
        for (String wrong :
                List.of("control.console.port=1", "control.console.aecs=Not_A_Name", "control.console.enabled=often")) {
            Rendered rendered = render("control.enabled=true," + wrong);

            assertThat(rendered.status()).as(wrong).isNotZero();
            assertThat(rendered.text()).as(wrong).contains("/control/console", "values don't meet the specifications");
        }
    }
}
