package s3ml.lab.emulated;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Lets an agent report to a control plane for a while, and writes down which classes it loaded.
public final class AgentClasses {
    /// Reports go once a second: some are sent and acknowledged within this.
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
        try (Child control = ControlProcess.alone(FLEET, folder, keys)) {
            List<String> arguments = new ArrayList<>(keys.agentOptions(HOST, control.port("port")));
            // What it says of a server that is not there are classes, too.
            arguments.add("--replica=r=http://127.0.0.1:1/metrics");
            try (Child agent = Child.java(
                    folder.resolve("agent.log"),
                    List.of("-XX:DumpLoadedClassList=" + list, "-cp", classPath),
                    "s3ml.agent.AgentMain",
                    arguments)) {
                TimeUnit.SECONDS.sleep(WORK_SECONDS);
                URI metrics = URI.create("http://127.0.0.1:" + agent.port("metricsPort") + "/metrics");
                try (InputStream page = metrics.toURL().openStream()) {
                    page.readAllBytes();
                }
            }
        }
    }
}
