package s3ml.aecs.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import s3ml.aecs.Aecs;
import s3ml.aecs.AecsConfig;
import s3ml.aecs.admin.AdminDesk;
import s3ml.aecs.release.Denials;
import s3ml.aecs.release.ReleaseDesk;
import s3ml.aecs.release.SecretUse;
import s3ml.aecs.replica.JoinDesk;
import s3ml.aecs.trust.LogBook;
import s3ml.aecs.trust.TrustDesk;
import s3ml.protocol.trace.SpanFile;
import s3ml.wire.aecs.state.Head;

/// Everything that one running AECS serves: its desks behind gRPC, and metrics.
public final class Endpoints implements AutoCloseable {
    private final AecsServer server;
    private final Optional<MetricsServer> metrics;
    private final SpanFile spans;

    private Endpoints(AecsServer server, Optional<MetricsServer> metrics, SpanFile spans) {
        this.server = server;
        this.metrics = metrics;
        this.spans = spans;
    }

    /// Opens the desks and starts to serve.
    ///
    /// @param tls the endpoint's key
    /// @param port 0 = the system chooses
    /// @param coSigned entries of the log that every witness has signed; 0 where there is no witness
    public static Endpoints start(Aecs aecs, AecsServer.TlsIdentity tls, int port, LongSupplier coSigned) {
        SpanFile spans = new SpanFile(aecs.config().traceFile(), "s3ml-aecs", aecs.clock(), aecs.random());
        try {
            return start(aecs, tls, port, coSigned, spans);
        } catch (RuntimeException e) {
            spans.close();
            throw e;
        }
    }

    private static Endpoints start(
            Aecs aecs, AecsServer.TlsIdentity tls, int port, LongSupplier coSigned, SpanFile spans) {
        Counters counters = new Counters();
        Answers answers = new Answers(aecs.audit(), counters);
        LogBook logBook = new LogBook(aecs.state(), aecs.root());
        Denials denials = new Denials();
        ReleaseDesk release = new ReleaseDesk(aecs, logBook, denials);
        TrustDesk trust = new TrustDesk(aecs, logBook, tls.keyDigest());
        var services = new ArrayList<>(new GrpcServices(answers)
                .of(trust, release, new SecretUse(aecs), new AdminDesk(aecs, logBook, denials)));
        services.add(new ReplicationService(new JoinDesk(aecs), release, answers));
        AecsConfig.Listen listen = aecs.config().listen();
        services.add(Health.of(() -> ready(aecs)));
        AecsServer server = AecsServer.start(
                listen.address(),
                port,
                tls,
                List.of(new PeerRates(listen.peerCallsPerSecond(), System::nanoTime, counters), new TracedCalls(spans)),
                List.copyOf(services));
        try {
            Optional<MetricsServer> metrics = listen.metricsPort()
                    .map(metricsPort -> MetricsServer.start(
                            listen.address(),
                            metricsPort,
                            () -> metrics(aecs, counters, coSigned.getAsLong()),
                            () -> ready(aecs)));
            return new Endpoints(server, metrics, spans);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static boolean ready(Aecs aecs) {
        return aecs.state().broken().isEmpty();
    }

    private static String metrics(Aecs aecs, Counters counters, long coSigned) {
        StringBuilder out = new StringBuilder();
        counters.write(out);
        Head head = aecs.state().head();
        gauge(out, "s3ml_aecs_state_sequence", "Commits so far.", head.getSequence());
        gauge(out, "s3ml_aecs_log_size", "Entries of the transparency log.", head.getLogSize());
        gauge(
                out,
                "s3ml_aecs_log_cosigned_size",
                "Entries of the transparency log that every witness has signed, as far as this process knows.",
                coSigned);
        int witnesses = aecs.config().witnesses().all().size();
        gauge(out, "s3ml_aecs_witnesses", "Witnesses that are shown the transparency log.", witnesses);
        int leases = aecs.state().read(view -> view.count("lease/"));
        gauge(out, "s3ml_aecs_leases", "Leases recorded, expired ones that are not swept yet included.", leases);
        gauge(out, "s3ml_aecs_ready", "1 while the state is usable.", ready(aecs) ? 1 : 0);
        return out.toString();
    }

    private static void gauge(StringBuilder out, String name, String help, long value) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(" gauge\n");
        out.append(name).append(' ').append(value).append('\n');
    }

    public int port() {
        return server.port();
    }

    public Optional<Integer> metricsPort() {
        return metrics.map(MetricsServer::port);
    }

    @Override
    public void close() {
        server.close();
        metrics.ifPresent(MetricsServer::close);
        spans.close();
    }
}
