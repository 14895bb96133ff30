package s3ml.agent.doctor;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a host reaches and what it offers: PCCS, peers, clock, ports.
///
/// `AGT-213` a PCCS or a peer does not answer. `AGT-214` the clock is wrong, or nobody keeps it right. `AGT-215` a port
/// is taken. The date that a PCCS tells is not proven: it only serves to notice a mistake.
///
/// @param root where run lies
/// @param pccs where collateral is fetched from; none: not asked
/// @param peers `host:port` of what must be reached by TCP
/// @param ports what must be free; none: those of the sample configuration, of which a taken one is a warning
/// @param clock this host's
record NetworkChecks(Path root, @Nullable URI pccs, List<String> peers, List<Integer> ports, InstantSource clock) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// The date of an HTTP answer has whole seconds, and the answer was on its way.
    private static final Duration GOOD_OFFSET = Duration.ofSeconds(10);

    /// Beyond it what was just signed seems to be of the future, or expired.
    private static final Duration WORST_OFFSET = Duration.ofMinutes(5);

    /// Model server: REST, gRPC, metrics. AECS: calls, metrics.
    private static final List<Integer> USUAL_PORTS = List.of(8000, 8001, 8002, 7443, 7444);

    private static final List<String> CLOCK_KEEPERS = List.of(
            "run/systemd/timesync/synchronized",
            "run/chrony/chronyd.pid",
            "run/chronyd.pid",
            "run/ntpd.pid",
            "dev/ptp0");

    List<Finding> all() throws IOException {
        List<Finding> found = new ArrayList<>();
        Optional<Instant> told = Optional.empty();
        if (pccs == null) {
            found.add(Finding.warn(
                    "pccs",
                    "AGT-213",
                    "no PCCS was asked, and without collateral no quote is trusted",
                    "name the one of this site with --pccs URL"));
        } else {
            told = ask(pccs, found);
        }
        for (String peer : peers) {
            found.add(reach(peer));
        }
        found.add(told.isPresent() ? offset(Duration.between(told.get(), clock.instant())) : keeper());
        for (int port : ports.isEmpty() ? USUAL_PORTS : ports) {
            found.add(port(port));
        }
        return found;
    }

    /// Adds what was found, and gives the date of the answer.
    private static Optional<Instant> ask(URI pccs, List<Finding> found) {
        String base = pccs.toString().replaceAll("/+$", "");
        String next = "start it, correct --pccs, or open the way through the firewall; deploy one near the hosts";
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            HttpResponse<Void> answer = client.send(
                    HttpRequest.newBuilder(URI.create(base + "/sgx/certification/v4/rootcacrl"))
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            found.add(
                    answer.statusCode() == 200
                            ? Finding.ok("pccs", base + " serves the root's revocation list")
                            : Finding.fail(
                                    "pccs",
                                    "AGT-213",
                                    base + " answered " + answer.statusCode() + " when asked for the root's revocation"
                                            + " list",
                                    next));
            return answer.headers().firstValue("Date").flatMap(NetworkChecks::date);
        } catch (IOException unreachable) {
            found.add(Finding.fail("pccs", "AGT-213", base + " does not answer (" + unreachable + ")", next));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            found.add(Finding.fail("pccs", "AGT-213", base + " was not waited for", "start the command again"));
        }
        return Optional.empty();
    }

    private static Optional<Instant> date(String header) {
        try {
            return Optional.of(ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException unreadable) {
            return Optional.empty();
        }
    }

    private static Finding reach(String peer) {
        int colon = peer.lastIndexOf(':');
        try (Socket socket = new Socket()) {
            InetSocketAddress address =
                    new InetSocketAddress(peer.substring(0, colon), Integer.parseInt(peer.substring(colon + 1)));
            if (address.isUnresolved()) {
                return Finding.fail(
                        "peer", "AGT-213", peer + " has a name that is not known here", "correct the name or the DNS");
            }
            socket.connect(address, (int) PATIENCE.toMillis());
            return Finding.ok("peer", peer + " answers");
        } catch (IOException unreachable) {
            return Finding.fail(
                    "peer",
                    "AGT-213",
                    peer + " cannot be reached (" + unreachable.getMessage() + ")",
                    "start what should listen there, or open the way through the firewall");
        }
    }

    static Finding offset(Duration ahead) {
        String told = "this clock is " + ahead.abs().toSeconds() + " s " + (ahead.isNegative() ? "behind" : "ahead of")
                + " the PCCS's";
        if (ahead.abs().compareTo(GOOD_OFFSET) <= 0) {
            return Finding.ok("clock", told);
        }
        String next = "let chrony or systemd-timesyncd keep it";
        return ahead.abs().compareTo(WORST_OFFSET) <= 0
                ? Finding.warn("clock", "AGT-214", told, next)
                : Finding.fail("clock", "AGT-214", told + ", so leases and collateral seem expired or too young", next);
    }

    private Finding keeper() {
        return CLOCK_KEEPERS.stream()
                .filter(file -> Files.exists(root.resolve(file)))
                .findFirst()
                .map(file -> Finding.ok("clock", clock.instant() + ", kept by what wrote /" + file))
                .orElseGet(() -> Finding.warn(
                        "clock",
                        "AGT-214",
                        "the clock says " + clock.instant() + ", and no service that keeps it right is to be seen",
                        "let chrony or systemd-timesyncd keep it; with --pccs it is compared"));
    }

    private Finding port(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            return Finding.ok("port", port + " is free");
        } catch (BindException taken) {
            String what = port + " cannot be had (" + taken.getMessage() + ")";
            String next = "see `ss -ltnp`, and stop what holds it or choose another port";
            return ports.isEmpty()
                    ? Finding.warn("port", "AGT-215", what, next)
                    : Finding.fail("port", "AGT-215", what, next);
        }
    }
}
