package s3ml.console;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import s3ml.policy.FleetException;

/// A running console: one port, for people with a browser. Thread-safe.
public final class Console implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads;
    private final FleetFeed feed;
    private final Optional<AecsRelay> aecs;
    private final String url;

    /// Where the console listens and who may see it.
    ///
    /// @param bind address; beyond loopback only with TLS
    /// @param port 0 lets the system choose
    /// @param tls the console's own certificate and key; none: plain HTTP on loopback
    /// @param token what signs people in
    /// @param interval between two looks at the control plane
    public record Settings(String bind, int port, Optional<TlsFiles> tls, String token, Duration interval) {
        private static final Duration SHORTEST = Duration.ofMillis(50);
        private static final Duration LONGEST = Duration.ofMinutes(1);

        public Settings {
            if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("interval is outside 50 ms to 1 min: " + interval);
            }
            if (token.length() < Token.SHORTEST) {
                throw new IllegalArgumentException("token is shorter than " + Token.SHORTEST + " characters");
            }
        }
    }

    /// The console's own certificate and key.
    ///
    /// @param certificate PEM chain
    /// @param key PEM, PKCS#8
    public record TlsFiles(Path certificate, Path key) {}

    /// What the console asks.
    ///
    /// @param fleet the control plane
    /// @param fleetName how people call it, for the page
    /// @param aecs `host:port` of an AECS, for its log and evidence
    /// @param aecsMetrics its metrics page
    public record Sources(FleetSource fleet, String fleetName, Optional<String> aecs, Optional<URI> aecsMetrics) {}

    private Console(HttpServer server, ExecutorService threads, FleetFeed feed, Optional<AecsRelay> aecs, String url) {
        this.server = server;
        this.threads = threads;
        this.feed = feed;
        this.aecs = aecs;
        this.url = url;
    }

    /// Starts to serve.
    ///
    /// @throws FleetException `CON-110` for an address or TLS files that cannot be used, `CON-111` for plain HTTP
    /// beyond loopback
    public static Console start(Settings settings, Sources sources, InstantSource clock) {
        HttpServer server = listen(settings);
        FleetFeed feed = FleetFeed.start(sources.fleet(), settings.interval(), clock);
        Optional<AecsRelay> aecs = sources.aecs().map(AecsRelay::connect);
        Doorkeeper door =
                new Doorkeeper(Token.of(settings.token()), clock, settings.tls().isPresent());
        AecsPages aecsPages = new AecsPages(aecs, sources.aecsMetrics().map(AecsCounters::new));
        server.createContext("/", new Desk(door, feed, aecsPages, sources));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.start();
        String url = (settings.tls().isPresent() ? "https://" : "http://") + inUrl(settings.bind()) + ":"
                + server.getAddress().getPort() + "/";
        return new Console(server, threads, feed, aecs, url);
    }

    private static String inUrl(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }

    private static HttpServer listen(Settings settings) {
        // Without it the end of each answer waits for the browser's delayed acknowledgement. The JDK's server reads it
        // once, when the first one is made, and has no other way to be told.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        InetSocketAddress address = new InetSocketAddress(settings.bind(), settings.port());
        if (address.isUnresolved()) {
            throw notListening(settings, "there is no such address", null);
        }
        if (settings.tls().isEmpty() && !address.getAddress().isLoopbackAddress()) {
            throw new FleetException(
                    "CON-111",
                    "refused to serve the console on " + settings.bind() + " without TLS",
                    "the token and all that it opens would travel in the open",
                    "give --tls-certificate and --tls-key, or bind to 127.0.0.1");
        }
        try {
            if (settings.tls().isEmpty()) {
                return HttpServer.create(address, 0);
            }
            TlsFiles files = settings.tls().get();
            SSLContext tls = ServerTls.of(files.certificate(), files.key());
            HttpsServer server = HttpsServer.create(address, 0);
            server.setHttpsConfigurator(new HttpsConfigurator(tls));
            return server;
        } catch (IOException taken) {
            throw notListening(settings, String.valueOf(taken.getMessage()), taken);
        }
    }

    private static FleetException notListening(
            Settings settings, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new FleetException(
                "CON-110",
                "cannot serve the console on " + settings.bind() + ":" + settings.port(),
                why,
                "choose an address of this host and a free port, or port 0",
                cause);
    }

    /// Where a browser finds it.
    public String url() {
        return url;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        feed.close();
        server.stop(0);
        threads.shutdownNow();
        aecs.ifPresent(AecsRelay::close);
    }
}
