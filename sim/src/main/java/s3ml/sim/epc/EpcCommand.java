package s3ml.sim.epc;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `s3ml sim epc`: an emulated EPC with its reclaimer, in the foreground.
@Command(
        name = "epc",
        description = {
            "Run an EMULATED EPC: a pool of pages that model servers and antagonists of this machine compete for.",
            "Publishes its counters in DIR/parameters and DIR/sgx_stats as SGX drivers do; `s3ml agent --emulated",
            "DIR/parameters` reads them. Prints one JSON line when ready."
        },
        mixinStandardHelpOptions = true,
        subcommands = {EpcCommand.AntagonistCommand.class})
public final class EpcCommand implements Callable<Integer> {
    @Option(names = "--dir", paramLabel = "DIR", description = "folder of the pool, best in /dev/shm; made if missing")
    private Path folder = Path.of("/dev/shm/s3ml-epc");

    @Option(
            names = "--pages",
            paramLabel = "N",
            defaultValue = "23936",
            description = "usable pages of 4 KiB (default: ${DEFAULT-VALUE}, 93.5 MiB)")
    private int pages;

    @Option(
            names = "--victims",
            paramLabel = "HOW",
            defaultValue = "CLOCK",
            description = "whose pages go: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private EpcSettings.Victims victims = EpcSettings.Victims.CLOCK;

    private EpcCommand() {}

    @Override
    @SuppressWarnings("try") // The reclaimer works by being there.
    public Integer call() throws IOException, InterruptedException {
        EpcSettings settings = EpcSettings.sgx1();
        EpcSettings chosen = new EpcSettings(pages, settings.loadNanos(), settings.evictNanos(), victims);
        CountDownLatch ending = new CountDownLatch(1);
        try (EmulatedEpc epc = EmulatedEpc.create(folder, chosen);
                Reclaimer reclaimer = Reclaimer.start(epc)) {
            Runtime.getRuntime().addShutdownHook(new Thread(ending::countDown));
            System.out.printf("{\"ready\":true,\"pages\":%d}%n", epc.settings().totalPages());
            System.out.flush();
            ending.await();
        }
        return 0;
    }

    /// `s3ml sim epc antagonist`: somebody else's enclave.
    @Command(
            name = "antagonist",
            description = "Run an enclave that does nothing but use EPC pages.",
            mixinStandardHelpOptions = true)
    static final class AntagonistCommand implements Callable<Integer> {
        @Option(names = "--dir", required = true, paramLabel = "DIR", description = "folder of the pool")
        private Path folder = Path.of("");

        @Option(names = "--pages", required = true, paramLabel = "N", description = "its working set")
        private int pages;

        @Option(
                names = "--sweep-millis",
                paramLabel = "N",
                defaultValue = "200",
                description = "between the beginnings of two walks (default: ${DEFAULT-VALUE})")
        private int sweepMillis;

        @Option(
                names = "--pattern",
                paramLabel = "HOW",
                defaultValue = "CYCLIC",
                description = "order of use: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
        private Antagonist.Pattern pattern = Antagonist.Pattern.CYCLIC;

        @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "of the random patterns")
        private long seed;

        private AntagonistCommand() {}

        @Override
        public Integer call() throws IOException {
            Antagonist antagonist = new Antagonist(pages, Duration.ofMillis(sweepMillis), pattern);
            try (EmulatedEpc epc = EmulatedEpc.attach(folder)) {
                System.out.println("{\"ready\":true}");
                antagonist.run(epc, new SplittableRandom(seed));
            }
            return 0;
        }
    }
}
