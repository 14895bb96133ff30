package s3ml.lab.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import s3ml.agent.AgentMain;
import s3ml.lab.emulated.Child;
import s3ml.sim.cli.S3mlSim;

/// `deploy/watch` under a real Prometheus that scrapes the processes of a quickstart on an emulated EPC, and an agent.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class WatchIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path WATCH = ROOT.resolve("deploy/watch");
    private static final Path PROGRAMS =
            Path.of(System.getProperty("s3ml.components", ".")).resolve("prometheus/bin");

    private static final Pattern METRIC = Pattern.compile("\\b(?:s3ml|nv|sgx|process|jvm)_[a-z0-9_]+");
    private static final Pattern RECORDED = Pattern.compile("\\bs3ml:[a-z0-9_:]+");
    private static final Pattern EXPRESSION = Pattern.compile("(?m)^ +expr: (?:>-\\n)?((?:.*\\n)(?: {10,}.*\\n)*)");

    @TempDir
    static Path folder = Path.of("");

    private static final List<AutoCloseable> STARTED = new ArrayList<>();
    private static Prometheus prometheus;

    @BeforeAll
    static void watch_a_quickstart() throws Exception {
        Path epc = folder.resolve("epc");
        STARTED.add(Child.java(folder.resolve("epc.log"), S3mlSim.class.getName(), "sim", "epc", "--dir=" + epc));
        Process quickstart = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Djava.awt.headless=true",
                        "-Ds3ml.home=" + ROOT,
                        "-cp",
                        System.getProperty("java.class.path"),
                        S3mlSim.class.getName(),
                        "quickstart",
                        "--json",
                        "--dir=" + folder.resolve("quickstart"),
                        "--epc=" + epc)
                .redirectError(folder.resolve("quickstart.log").toFile())
                .start();
        STARTED.add(() -> {
            quickstart.destroy();
            quickstart.waitFor();
        });
        BufferedReader report = quickstart.inputReader(StandardCharsets.UTF_8);
        assertThat(report.readLine())
                .as(Files.readString(folder.resolve("quickstart.log")))
                .contains("secondsToFirstDetection");
        Child agent = Child.java(
                folder.resolve("agent.log"), AgentMain.class.getName(), "--emulated=" + epc.resolve("parameters"));
        STARTED.add(agent);
        prometheus = Prometheus.start(PROGRAMS, config(agent.ready().number("metricsPort")));
        STARTED.add(prometheus);
    }

    /// The files as they are, but quicker; and the targets as their README says.
    private static Path config(long agentPort) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("watch"));
        try (Stream<Path> files = Files.list(WATCH)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        Path main = copy.resolve("prometheus.yml");
        Files.writeString(main, Files.readString(main).replace(" 5s", " 1s"));
        Path targets = Files.createDirectories(copy.resolve("targets"));
        Files.copy(folder.resolve("quickstart/metrics.json"), targets.resolve("quickstart.json"));
        Files.writeString(
                targets.resolve("agents.json"),
                "[{\"targets\": [\"127.0.0.1:" + agentPort + "\"], \"labels\": {\"job\": \"s3ml-agent\"}}]");
        return copy;
    }

    @AfterAll
    static void end() throws Exception {
        for (AutoCloseable started : STARTED.reversed()) {
            started.close();
        }
    }

    private static List<String> ruleExpressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        Matcher expression = EXPRESSION.matcher(Files.readString(WATCH.resolve("rules.yml")));
        while (expression.find()) {
            expressions.add(expression.group(1).strip());
        }
        return expressions;
    }

    private static List<String> panelExpressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        JsonObject dashboard = JsonParser.parseString(Files.readString(WATCH.resolve("dashboard.json")))
                .getAsJsonObject();
        for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
            for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
                expressions.add(target.getAsJsonObject().get("expr").getAsString());
            }
        }
        return expressions;
    }

    private static Set<String> found(Pattern pattern, List<String> expressions) {
        Set<String> names = new TreeSet<>();
        for (String expression : expressions) {
            Matcher name = pattern.matcher(expression);
            while (name.find()) {
                names.add(name.group());
            }
        }
        return names;
    }

    @Test
    void each_metric_that_a_rule_or_a_panel_names_is_served() throws Exception {
        List<String> all = new ArrayList<>(ruleExpressions());
        all.addAll(panelExpressions());
        Set<String> named = found(METRIC, all);
        assertThat(named).hasSizeGreaterThan(15);

        prometheus.await("metrics of all processes", () -> prometheus.names().containsAll(named));

        assertThat(prometheus.names()).containsAll(named).doesNotContain("s3ml_server_never");
    }

    @Test
    void each_rule_is_evaluated_and_each_record_that_is_named_is_one() throws Exception {
        prometheus.await(
                "rules are evaluated", () -> !rules("unknown").iterator().hasNext());
        assertThat(rules("err")).isEmpty();
        List<String> good = rules("ok");
        assertThat(good).hasSize(ruleExpressions().size());

        List<String> all = new ArrayList<>(ruleExpressions());
        all.addAll(panelExpressions());
        assertThat(good).containsAll(found(RECORDED, all));
    }

    private static List<String> rules(String health) {
        List<String> names = new ArrayList<>();
        for (JsonElement group : prometheus.api("rules").getAsJsonObject("data").getAsJsonArray("groups")) {
            for (JsonElement rule : group.getAsJsonObject().getAsJsonArray("rules")) {
                if (rule.getAsJsonObject().get("health").getAsString().equals(health)) {
                    names.add(rule.getAsJsonObject().get("name").getAsString());
                }
            }
        }
        return names;
    }

    @Test
    void each_panel_is_a_query_that_Prometheus_understands() throws Exception {
        for (String expression : panelExpressions()) {
            assertThat(prometheus.query(expression).get("status").getAsString())
                    .as(expression)
                    .isEqualTo("success");
        }
        assertThat(prometheus.query("sum by (").get("status").getAsString()).isEqualTo("error");
    }

    @Test
    void the_server_that_the_quickstart_killed_is_seen_as_down_and_the_others_are_not() throws Exception {
        String down = "count(ALERTS{alertname=\"S3mlProcessDown\",job=\"s3ml-server\"})";
        prometheus.await("the alert is pending", () -> value(down) == 1);

        prometheus.await("the others are up", () -> value("count(up == 1)") == 3);
        assertThat(value("sum(s3ml_server_ready)")).isEqualTo(1);
        assertThat(value("count(up == 0)")).isEqualTo(1);
    }

    private static double value(String expression) {
        var result = prometheus.query(expression).getAsJsonObject("data").getAsJsonArray("result");
        return result.isEmpty()
                ? 0
                : result.get(0).getAsJsonObject().getAsJsonArray("value").get(1).getAsDouble();
    }

    @Test
    void promtool_finds_no_fault_and_its_tests_of_the_rules_pass() throws Exception {
        Path copy = folder.resolve("watch");
        assertThat(promtool("check", "config", copy.resolve("prometheus.yml").toString()))
                .isZero();
        assertThat(promtool("test", "rules", copy.resolve("rules.test.yml").toString()))
                .isZero();

        Path spoiled = folder.resolve("spoiled.yml");
        Files.writeString(spoiled, Files.readString(copy.resolve("rules.yml")).replace("== 0", "== == 0"));
        assertThat(promtool("check", "rules", spoiled.toString())).isNotZero();
    }

    private static int promtool(String... words) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(PROGRAMS.resolve("promtool").toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("promtool.log").toFile())
                .start()
                .waitFor();
    }
}
