package s3ml.server;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import s3ml.protocol.Endpoint;
import s3ml.protocol.access.AccessRules;
import s3ml.server.repository.RepositorySettings;

/// How a model server runs, as its host wants it: hostile input, which may cost availability and nothing else. What it
/// is trusted with comes with the lease.
///
/// @param service whose keys it asks for
/// @param aecs replicas, tried in this order
/// @param pccs where collateral for the AECS's evidence comes from
/// @param callers how those who call are treated, as far as the lease says nothing
/// @param models folder of packages, memory, and settings by model
public record ServerConfig(
        String service,
        List<Endpoint> aecs,
        URI pccs,
        Listen listen,
        Limits limits,
        Callers callers,
        RepositorySettings models) {
    public ServerConfig {
        aecs = List.copyOf(aecs);
    }

    /// Where it listens; port 0 lets the system choose.
    ///
    /// @param bind IP address of the REST and gRPC ports
    /// @param metricsBind IP address of the metrics port, which has no TLS
    /// @param reusePort whether several servers share the ports, and the kernel spreads connections over them
    /// @param ioThreads threads that move bytes; models have their own
    public record Listen(
            String bind,
            int restPort,
            int grpcPort,
            String metricsBind,
            int metricsPort,
            boolean reusePort,
            int ioThreads) {
        /// Ports as Triton has them.
        public static final Listen DEFAULT = new Listen("127.0.0.1", 8000, 8001, "127.0.0.1", 8002, false, 1);
    }

    /// How those who call are treated. A lease may say otherwise, and then it is believed.
    ///
    /// @param access who may do what; empty: [AccessRules#DEFAULT]
    /// @param receipts whether receipts are signed for those who ask
    /// @param traceFile where spans of recorded requests go; empty: nowhere
    public record Callers(Optional<AccessRules> access, boolean receipts, Optional<Path> traceFile) {
        public static final Callers DEFAULT = new Callers(Optional.empty(), false, Optional.empty());
    }

    /// Bounds on what comes from outside.
    ///
    /// @param requestBytes largest request, after decompression
    /// @param connections of each port at once, > 0; further ones are closed at once
    /// @param queuedBytes what waiting requests may hold together
    /// @param request time from a request's first byte to its last
    /// @param idle time after which a silent connection is closed
    /// @param age of a connection at which its client is told to go: give or take a tenth, so that those which came
    ///     together do not go together. What is under way is answered. Balancers below TLS steer new connections only
    /// @param drain how long requests under way may take after SIGTERM
    public record Limits(
            int requestBytes,
            int connections,
            long queuedBytes,
            Duration request,
            Duration idle,
            Duration age,
            Duration drain) {
        public static final Limits DEFAULT = new Limits(
                32 << 20,
                1000,
                64L << 20,
                Duration.ofSeconds(30),
                Duration.ofSeconds(120),
                Duration.ofSeconds(300),
                Duration.ofSeconds(30));
    }
}
