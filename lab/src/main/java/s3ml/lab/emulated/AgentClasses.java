package s3ml.lab.emulated;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Lets an agent report to a control plane for a while, and writes down which classes it loaded.
public final class AgentClasses {
    /// Reports go once a second; the first is acknowledged within this, and the metrics page was read by then.
    private static final long WORK_SECONDS = 8;

    private static final String HOST = "host";
    private static final String FLEET = """
            {"tickMillis": 1000, "models": [{"name": "m", "objectiveMillis": 500, "serviceMillis": 20.0,
              "workingSetPages": 2000, "pagingThreshold": 100.0}],
             "hosts": [{"name": "host", "replicas": [{"name": "r", "model": "m", "address": "127.0.0.1", "port": 1}]}]}
            """;

    private AgentClasses() {}

    /// Records.
    ///
    /// @param classPath of the agent alone: with other libraries beside it, it would choose other ones for TLS
    /// @param folder for keys and logs
    /// @param list the file to write, in the JVM's format
    public static void record(String classPath, Path folder, Path list) throws IOException, InterruptedException {
        FleetKeys keys = FleetKeys.make(folder.resolve("keys"), List.of(HOST));
        Path config = Files.writeString(folder.resolve("fleet.json"), FLEET);
        try (Child control = Child.java(
                        folder.resolve("control.log"),
                        "s3ml.control.ControlMain",
                        "run",
                        "--config=" + config,
                        "--certificate=" + keys.certificate(FleetKeys.CONTROL),
                        "--key=" + keys.key(FleetKeys.CONTROL),
                        "--clients=" + keys.agents());
                Child agent = Child.java(
                        folder.resolve("agent.log"),
                        List.of("-XX:DumpLoadedClassList=" + list, "-cp", classPath),
                        "s3ml.agent.AgentMain",
                        List.of(
                                "--control=127.0.0.1:" + control.port("port"),
                                "--ca=" + keys.certificate(FleetKeys.CONTROL),
                                "--certificate=" + keys.certificate(HOST),
                                "--key=" + keys.key(HOST),
                                // What it says of a server that is not there are classes, too.
                                "--replica=r=http://127.0.0.1:1/metrics"))) {
            TimeUnit.SECONDS.sleep(WORK_SECONDS);
            try (var page = java.net
                    .URI
                    .create("http://127.0.0.1:" + agent.port("metricsPort") + "/metrics")
                    .toURL()
                    .openStream()) {
                page.readAllBytes();
            }
        }
    }
}
