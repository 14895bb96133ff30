package s3ml.lab.attest;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.Keep;
import s3ml.attest.Policy;
import s3ml.attest.Trusted;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.client.options.JsonOption;
import s3ml.lab.serve.Folders;
import s3ml.sim.platform.EvidenceKind;

/// `s3ml lab attest`: verifications per second on one core, beside the peer on the same quote in the same run.
///
/// Three levels: nothing kept (cold), verified collateral and chains kept (warm), platforms kept too. The peer keeps
/// nothing between calls, by its API: the ratios of the last two come from that.
@Command(
        name = "attest",
        description = "Measure verifications per second beside the crate dcap-qvl, at three levels of what is kept.",
        mixinStandardHelpOptions = true)
public final class AttestCommand implements Callable<Integer> {
    /// Some 15,000 cold verifications: the second compiler takes what each calls once only after 5,000 calls, and after
    /// half of this time it still compiled some of it in the fourth round. The peer is compiled before it starts.
    private static final double WARM_UP_SECONDS = 12;
    /// The JDK's provider, by code that is compiled by then but for the arithmetic, which loops.
    private static final double JDK_WARM_UP_SECONDS = 3;

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "1.5",
            description = "length of one measurement (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "measurements of each, in turn; the best counts (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            defaultValue = "SGX_V3",
            description = "of quote: ${COMPLETION-CANDIDATES}")
    private EvidenceKind kind = EvidenceKind.SGX_V3;

    @Option(names = "--jdk-provider", description = "verify by the JDK alone, without Conscrypt")
    private boolean jdk;

    @Option(names = "--without-peer", description = "leave the peer out; its rate and the ratios are zero")
    private boolean alone;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public AttestCommand() {}

    @Override
    public Integer call() {
        try {
            Path folder = Files.createTempDirectory("s3ml-lab-attest");
            try {
                report(measure(folder));
            } finally {
                Folders.remove(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return 0;
    }

    private JsonObject measure(Path folder) {
        Specimen specimen =
                Specimen.make(folder.resolve("platform"), kind, Instant.now().truncatedTo(ChronoUnit.SECONDS));
        Provider provider = jdk || !Conscrypt.isAvailable() ? null : Conscrypt.newProvider();
        Peer peer = alone ? null : Peer.install();
        Map<Keep, Double> best = new EnumMap<>(Keep.class);
        double peerBest = 0;
        for (Keep keep : Keep.values()) {
            perSecond(specimen, provider, keep, WARM_UP_SECONDS);
        }
        for (int round = 0; round < rounds; round++) {
            for (Keep keep : Keep.values()) {
                best.merge(keep, perSecond(specimen, provider, keep, seconds), Math::max);
            }
            if (peer != null) {
                peerBest = Math.max(peerBest, peer.perSecond(specimen, folder, seconds));
            }
        }
        JsonObject.Builder figures = JsonObject.builder();
        put(figures, "", best, peerBest);
        figures.put("bytesPerVerification", bytes(specimen, provider))
                .put("provider", provider == null ? "JDK" : "Conscrypt")
                .put("peer", peer == null ? "none" : Peer.NAME);
        if (provider != null) {
            put(figures, "jdk", jdkAlone(specimen), peerBest);
        }
        return figures.build();
    }

    /// The JDK's own provider, measured last: two providers in turn would keep the compiler from settling on either.
    private Map<Keep, Double> jdkAlone(Specimen specimen) {
        Map<Keep, Double> rates = new EnumMap<>(Keep.class);
        for (Keep keep : Keep.values()) {
            perSecond(specimen, null, keep, JDK_WARM_UP_SECONDS);
            rates.put(keep, perSecond(specimen, null, keep, seconds));
        }
        return rates;
    }

    /// Rates and ratios, by names that begin with `prefix`.
    private static void put(JsonObject.Builder figures, String prefix, Map<Keep, Double> rates, double peer) {
        double cold = rates.getOrDefault(Keep.NOTHING, 0.0);
        double warm = rates.getOrDefault(Keep.COLLATERAL_AND_CHAINS, 0.0);
        double platform = rates.getOrDefault(Keep.PLATFORMS, 0.0);
        figures.put(named(prefix, "coldPerSecond"), rounded(cold))
                .put(named(prefix, "warmPerSecond"), rounded(warm))
                .put(named(prefix, "platformPerSecond"), rounded(platform));
        if (prefix.isEmpty()) {
            figures.put("peerPerSecond", rounded(peer));
        }
        figures.put(named(prefix, "ratioCold"), ratio(cold, peer))
                .put(named(prefix, "ratioWarm"), ratio(warm, peer))
                .put(named(prefix, "ratioPlatform"), ratio(platform, peer));
    }

    private static String named(String prefix, String name) {
        return prefix.isEmpty() ? name : prefix + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static JsonNumber rounded(double value) {
        return JsonNumber.of(Math.round(value));
    }

    private static JsonNumber ratio(double ours, double theirs) {
        return JsonNumber.of(theirs == 0 ? 0 : Math.round(100 * ours / theirs) / 100.0);
    }

    /// Per second of this thread's CPU time, so that other work on the machine does not count; the peer measures
    /// likewise.
    private static double perSecond(Specimen specimen, @Nullable Provider provider, Keep keep, double seconds) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Appraiser appraiser = new Appraiser(provider, keep);
        Collateral collateral = specimen.collateral();
        Policy policy = specimen.policy();
        long span = (long) (seconds * 1e9);
        long start = threads.getCurrentThreadCpuTime();
        long elapsed = 0;
        long count = 0;
        while (elapsed < span) {
            for (int i = 0; i < 16; i++) {
                if (!(appraiser.appraise(specimen.quote(), collateral, policy, specimen.at()) instanceof Trusted)) {
                    throw new IllegalStateException("the specimen is not trusted");
                }
            }
            count += 16;
            elapsed = threads.getCurrentThreadCpuTime() - start;
        }
        return count * 1e9 / elapsed;
    }

    /// What one cold verification allocates on the heap.
    private static long bytes(Specimen specimen, @Nullable Provider provider) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Appraiser appraiser = new Appraiser(provider);
        Collateral collateral = specimen.collateral();
        Policy policy = specimen.policy();
        int calls = 200;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            appraiser.appraise(specimen.quote(), collateral, policy, specimen.at());
        }
        return (threads.getCurrentThreadAllocatedBytes() - before) / calls;
    }

    private void report(JsonObject figures) {
        if (json.wanted()) {
            json.print(figures);
            return;
        }
        PrintWriter err = spec.commandLine().getErr();
        figures.members().forEach((name, value) -> err.printf("%-22s %s%n", name, Json.write(value)));
        err.println("The peer keeps nothing between calls, by its API; warm and platform compare with that.");
    }
}
