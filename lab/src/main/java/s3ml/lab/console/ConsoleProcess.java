package s3ml.lab.console;

import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `s3ml console` in a process of its own, as an operator runs it.
final class ConsoleProcess implements AutoCloseable {
    private final Process process;
    private final int port;

    private ConsoleProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// @param port 0 lets the system choose
    /// @param more further options
    static ConsoleProcess start(SyntheticFleet fleet, int port, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "s3ml.console.ConsoleMain",
                "--control=" + fleet.target(),
                "--ca=" + fleet.file("control.crt"),
                "--certificate=" + fleet.file("agents.crt"),
                "--key=" + fleet.file("agents.key"),
                "--token-file=" + fleet.file("token"),
                "--port=" + port));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String ready = lines.readLine();
        if (ready == null) {
            throw new IllegalStateException("the console ended before it was ready");
        }
        return new ConsoleProcess(
                process,
                JsonParser.parseString(ready).getAsJsonObject().get("port").getAsInt());
    }

    int port() {
        return port;
    }

    String url() {
        return "http://127.0.0.1:" + port + "/";
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
