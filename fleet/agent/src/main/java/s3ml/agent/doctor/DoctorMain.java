package s3ml.agent.doctor;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import s3ml.policy.FleetVersion;

/// `s3ml doctor`: says of a host what is wrong with it and what to do.
@Command(
        name = "doctor",
        description = {
            "Check this host: JDK, C library, processor, TEE, quoting, EPC, paging counters, cgroup, memory, swap,"
                    + " disk,",
            "open files, PCCS, peers, clock, ports. Each line says ok, warn or FAIL, what is wrong and what to do.",
            "Exit status: 0 fit (warnings included), 1 something fails, 2 wrong usage."
        },
        version = FleetVersion.TEXT,
        mixinStandardHelpOptions = true)
public final class DoctorMain implements Callable<Integer> {
    private static final int UNFIT = 1;
    private static final int LARGEST_PORT = 65_535;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "print one JSON document and nothing else")
    private boolean json;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "where dev, lib, proc, run and sys lie, for containers (default: ${DEFAULT-VALUE})")
    private Path root = Path.of("/");

    @Option(
            names = "--tee",
            paramLabel = "KIND",
            defaultValue = "AUTO",
            description = "what the host is meant to be: ${COMPLETION-CANDIDATES} (default: what is found)")
    private TeeChecks.Wanted tee = TeeChecks.Wanted.AUTO;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "/var/lib/s3ml",
            description = "where services keep their state (default: ${DEFAULT-VALUE})")
    private Path data = Path.of("/var/lib/s3ml");

    @Option(names = "--pccs", paramLabel = "URL", description = "where collateral comes from; also compares the clock")
    private @Nullable URI pccs;

    @Option(
            names = "--reach",
            paramLabel = "HOST:PORT",
            description = "what must be reached by TCP: an AECS, a control plane, an etcd; may be repeated")
    private List<String> peers = new ArrayList<>();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "a port that must be free; may be repeated (default: the usual ones, as a warning)")
    private List<Integer> ports = new ArrayList<>();

    private DoctorMain() {}

    /// Exit status: 0 fit, 1 something fails, 2 wrong usage.
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /// The whole command line.
    public static CommandLine commandLine() {
        return new CommandLine(new DoctorMain()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public Integer call() throws IOException {
        demandUsage();
        List<Finding> findings = new ArrayList<>(new RuntimeChecks(root, Runtime.version()).all());
        findings.addAll(new TeeChecks(root, tee).all());
        boolean trustDomain = tee == TeeChecks.Wanted.TDX || TeeChecks.isTrustDomain(root);
        findings.addAll(new ResourceChecks(root, data.toAbsolutePath(), trustDomain).all());
        findings.addAll(new NetworkChecks(root, pccs, peers, ports, InstantSource.system()).all());
        boolean fit = findings.stream().noneMatch(finding -> finding.state() == Finding.State.FAIL);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(findings.stream()
                    .map(Finding::json)
                    .collect(Collectors.joining(",", "{\"fit\":" + fit + ",\"findings\":[", "]}")));
        } else {
            findings.forEach(finding -> out.println(finding.line()));
            out.println(fit ? "This host is fit." : "This host is not fit: see the lines that say FAIL.");
        }
        out.flush();
        return fit ? 0 : UNFIT;
    }

    private void demandUsage() {
        if (!Files.isDirectory(root)) {
            throw wrong("--root " + root + " is no folder; name one that holds proc and sys");
        }
        if (pccs != null
                && !(List.of("http", "https").contains(String.valueOf(pccs.getScheme())) && pccs.getHost() != null)) {
            throw wrong("--pccs " + pccs + " is no http or https URL; write it as http://HOST:PORT");
        }
        for (String peer : peers) {
            if (!peer.matches("[^:\\s]{1,253}:\\d{1,5}|\\[[0-9a-fA-F:.]{2,45}]:\\d{1,5}") || !isPort(portOf(peer))) {
                throw wrong("--reach " + peer + " is not HOST:PORT; write it as aecs.example:7443");
            }
        }
        for (int port : ports) {
            if (!isPort(port)) {
                throw wrong("--port " + port + " is outside 1 to " + LARGEST_PORT + "; name a port");
            }
        }
    }

    private static int portOf(String peer) {
        return Integer.parseInt(peer.substring(peer.lastIndexOf(':') + 1));
    }

    private static boolean isPort(int port) {
        return port >= 1 && port <= LARGEST_PORT;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
