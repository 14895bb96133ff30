package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;

/// Load over HTTP/2 by nghttp2's `h2load`: a C program, so that generating the load takes little from the server.
///
/// It looks at the HTTP status only. Who runs it has to compare what the server counted, since gRPC tells refusals in
/// trailers.
///
/// Faults: `LAB-124` no answer came.
public final class HttpLoad {
    /// Before what is measured: connections, TLS, compiled code.
    private static final Duration WARM_UP = Duration.ofSeconds(2);

    private HttpLoad() {}

    /// How much load, and for how long.
    ///
    /// @param clients connections
    /// @param streams requests under way on each connection
    /// @param requestsPerSecond sent by all clients together whatever comes back; empty: the next request follows an
    ///     answer
    /// @param cores list for `taskset`; empty for all
    public record Plan(
            int clients, int streams, Duration time, Optional<Double> requestsPerSecond, Optional<String> cores) {
        /// Clients that ask again when they were answered.
        public static Plan closed(int clients, int streams, Duration time) {
            return new Plan(clients, streams, time, Optional.empty(), Optional.empty());
        }

        /// The same load at a fixed rate.
        Plan at(double rate) {
            return new Plan(clients, streams, time, Optional.of(rate), cores);
        }

        /// The same load from these cores.
        public Plan from(String list) {
            return new Plan(clients, streams, time, requestsPerSecond, Optional.of(list));
        }
    }

    /// What came of it.
    ///
    /// @param perSecond answers with status 200
    /// @param p50Millis from a request's first byte to its answer's last
    /// @param refused answers with another status, or none
    public record Result(double perSecond, double p50Millis, double p99Millis, long refused) {}

    /// Runs the load to its end.
    public static Result run(LoadTarget target, Plan plan) throws IOException {
        Path log = Files.createTempFile("s3ml-load", ".tsv");
        try {
            return read(log, plan.time(), offer(target, plan, List.of("--log-file", log.toString())));
        } finally {
            Files.delete(log);
        }
    }

    /// The same, for who does not ask what came back, be it nothing.
    static void offer(LoadTarget target, Plan plan) {
        offer(target, plan, List.of());
    }

    private static String offer(LoadTarget target, Plan plan, List<String> more) {
        List<String> command = command(target, plan);
        command.addAll(List.of("-D", seconds(plan.time()), "--warm-up-time", seconds(WARM_UP)));
        command.addAll(more);
        command.add(target.uri());
        return Programs.run(command);
    }

    /// Sends exactly that many requests.
    static void send(LoadTarget target, int clients, int requests) {
        List<String> command = command(target, Plan.closed(clients, 1, Duration.ZERO));
        command.addAll(List.of("-n", Integer.toString(Math.max(requests, clients)), target.uri()));
        Programs.run(command);
    }

    private static List<String> command(LoadTarget target, Plan plan) {
        List<String> command = new ArrayList<>();
        plan.cores().ifPresent(cores -> command.addAll(List.of("taskset", "-c", cores)));
        command.addAll(List.of(
                "h2load",
                "--npn-list=h2",
                "-t",
                "1",
                "-c",
                Integer.toString(plan.clients()),
                "-m",
                Integer.toString(plan.streams()),
                "-d",
                target.body().toString()));
        plan.requestsPerSecond()
                .ifPresent(rate -> command.add(String.format(Locale.ROOT, "--rps=%.3f", rate / plan.clients())));
        target.headers().forEach(header -> command.addAll(List.of("-H", header)));
        return command;
    }

    private static String seconds(Duration time) {
        return Long.toString(Math.max(1, time.toSeconds()));
    }

    /// Lines of start in microseconds, HTTP status (or -1), microseconds to the end of the answer.
    private static Result read(Path log, Duration time, String said) throws IOException {
        long refused = 0;
        long[] latencies = new long[1024];
        int count = 0;
        try (Stream<String> lines = Files.lines(log)) {
            for (String line : (Iterable<String>) lines::iterator) {
                String[] columns = line.split("\t", -1);
                if (!columns[1].equals("200")) {
                    refused++;
                    continue;
                }
                if (count == latencies.length) {
                    latencies = Arrays.copyOf(latencies, 2 * count);
                }
                latencies[count++] = Long.parseLong(columns[2]);
            }
        }
        if (count == 0) {
            throw new S3mlException(
                    "LAB-124",
                    "the load generator got no answer",
                    said.strip().replace('\n', ' '),
                    "look at the server's log; try the same h2load by hand");
        }
        long[] sorted = Arrays.copyOf(latencies, count);
        Arrays.sort(sorted);
        return new Result(count / (double) Math.max(1, time.toSeconds()), at(sorted, 0.50), at(sorted, 0.99), refused);
    }

    private static double at(long[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1, quantile * sorted.length)] / 1000.0;
    }
}
