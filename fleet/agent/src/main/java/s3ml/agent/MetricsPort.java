package s3ml.agent;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import s3ml.wire.fleet.Scrape;

/// The metrics port of a model server, which is plain HTTP. Who does not answer in time is starting, stopping or stuck.
final class MetricsPort {
    private static final int TIMEOUT_MILLIS = 500;

    private MetricsPort() {}

    /// The address of something there; empty where the control plane named no host.
    static Optional<URI> uri(Scrape server, String path) {
        try {
            return Optional.of(new URI("http", null, server.getAddress(), server.getPort(), path, null, null));
        } catch (URISyntaxException unusable) {
            return Optional.empty();
        }
    }

    /// A connection that gives up soon; not yet open.
    static HttpURLConnection connection(URI uri) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        return connection;
    }
}
