package s3ml.agent;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What an agent is told at its start.
///
/// @param root the file system whose kernel files are read
/// @param emulated parameter folder of an emulated EPC, read instead of the kernel's
/// @param replicas metrics address per replica on this host
/// @param control where reports go; none: the exporter alone
/// @param metrics where the exporter listens
/// @param interval between two samples, 100 ms to 1 min
record AgentConfig(
        Path root,
        Optional<Path> emulated,
        Map<String, URI> replicas,
        Optional<ControlAddress> control,
        Exporter.Address metrics,
        Duration interval) {
    /// The control plane and how to speak to it over mutual TLS.
    ///
    /// @param target `host:port`
    /// @param ca PEM of the authority of the control plane's certificate
    /// @param certificate PEM of the agent's own chain; its name is the host's name
    /// @param key PEM of its private key
    /// @param host the host's name, where the agents share a certificate; empty: the certificate's name
    record ControlAddress(String target, Path ca, Path certificate, Path key, String host) {}

    AgentConfig {
        replicas = Map.copyOf(replicas);
        if (interval.compareTo(Duration.ofMillis(100)) < 0 || interval.compareTo(Duration.ofMinutes(1)) > 0) {
            throw new IllegalArgumentException("interval is outside 100 ms to 1 min: " + interval);
        }
    }
}
