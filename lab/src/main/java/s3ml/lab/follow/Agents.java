package s3ml.lab.follow;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.lab.emulated.Child;
import s3ml.lab.emulated.FleetKeys;
import s3ml.lab.serve.ServedEnclave;

/// An agent for each host, as processes that report to a control plane and tell servers what it answers.
///
/// @param running one for each host; none where nobody tells servers anything
record Agents(List<Child> running) implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 50;

    /// Starts them.
    ///
    /// @param folder where their logs go
    static Agents start(List<String> hosts, Path folder, FleetKeys keys, int controlPort) throws IOException {
        List<Child> running = new ArrayList<>();
        for (String host : hosts) {
            running.add(Child.java(
                    folder.resolve(host + "-agent.log"),
                    "s3ml.agent.AgentMain",
                    keys.agentOptions(host, controlPort).toArray(String[]::new)));
        }
        return new Agents(running);
    }

    /// Waits until each server knows that share, in millionths, if there is anybody who tells it.
    ///
    /// @throws S3mlException LAB-129 when one was not told in time
    void awaitTold(List<ServedEnclave> servers, int share) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (ServedEnclave server : running.isEmpty() ? List.<ServedEnclave>of() : servers) {
            while (server.toldShare().orElse(-1) != share) {
                if (System.nanoTime() - end > 0) {
                    throw new S3mlException(
                            "LAB-129",
                            "a server was not told its share",
                            "its metrics page does not show " + share + " after " + PATIENCE.toSeconds() + " s",
                            "see the agents' logs");
                }
                Thread.sleep(LOOK_MILLIS);
            }
        }
    }

    @Override
    public void close() {
        running.forEach(Child::close);
    }
}
