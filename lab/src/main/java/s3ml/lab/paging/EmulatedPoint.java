package s3ml.lab.paging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import s3ml.lab.serve.Folders;
import s3ml.sim.epc.Antagonist;
import s3ml.sim.epc.EmulatedEnclave;
import s3ml.sim.epc.EmulatedEpc;
import s3ml.sim.epc.EpcSettings;
import s3ml.sim.epc.Reclaimer;

/// One setting measured on the emulated EPC and forecast by the simulator's model.
///
/// @param pages working set that is walked
/// @param antagonist pages of somebody else's enclave beside it; 0 for none
/// @param walkMillis median time of a walk, measured
/// @param worstMillis 99th percentile of the walks
/// @param pagesPerSecond loaded back on the host, measured
/// @param forecastWalkMillis by the simulator
/// @param forecastPagesPerSecond by the simulator
record EmulatedPoint(
        long pages,
        long antagonist,
        double walkMillis,
        double worstMillis,
        double pagesPerSecond,
        double forecastWalkMillis,
        double forecastPagesPerSecond) {
    private static final double PAUSE_SECONDS = 0.05;
    private static final double SWEEP_SECONDS = 0.2;

    static EmulatedPoint measure(int pages, int antagonist, Duration length) throws IOException {
        Path memory = Path.of("/dev/shm");
        Path folder = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "s3ml-epc")
                : Files.createTempDirectory("s3ml-epc");
        try {
            return measureIn(folder, pages, antagonist, length);
        } finally {
            Folders.remove(folder);
        }
    }

    @SuppressWarnings("try") // The reclaimer works by being there.
    private static EmulatedPoint measureIn(Path folder, int pages, int antagonist, Duration length) throws IOException {
        List<Double> walks = new ArrayList<>();
        double rate;
        try (EmulatedEpc epc = EmulatedEpc.create(folder, EpcSettings.sgx1());
                Reclaimer reclaimer = Reclaimer.start(epc)) {
            Thread neighbour = Thread.ofPlatform().unstarted(() -> {
                Duration sweep = Duration.ofMillis((long) (SWEEP_SECONDS * 1000));
                new Antagonist(antagonist, sweep, Antagonist.Pattern.CYCLIC).run(epc, new SplittableRandom(1));
            });
            try (EmulatedEnclave enclave = epc.enclave(Antagonist.ranges(pages))) {
                enclave.walk();
                if (antagonist > 0) {
                    neighbour.start();
                    Thread.sleep(500);
                }
                long loaded = epc.loadedBack();
                long began = System.nanoTime();
                while (System.nanoTime() - began < length.toNanos()) {
                    long start = System.nanoTime();
                    enclave.walk();
                    walks.add((System.nanoTime() - start) / 1e6);
                    Thread.sleep((long) (PAUSE_SECONDS * 1000));
                }
                rate = (epc.loadedBack() - loaded) / ((System.nanoTime() - began) / 1e9);
            }
            neighbour.interrupt();
            neighbour.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", interrupted));
        }
        double[] sorted = walks.stream().mapToDouble(walk -> walk).toArray();
        double[] forecast = forecast(pages, antagonist, 10);
        return new EmulatedPoint(
                pages,
                antagonist,
                LatencyWindow.percentile(sorted, 0.5),
                LatencyWindow.percentile(sorted, 0.99),
                rate,
                forecast[0],
                forecast[1]);
    }

    /// The same in the simulator: median walk in milliseconds, and pages a second.
    static double[] forecast(int pages, int antagonist, int seconds) {
        VirtualClock clock = new VirtualClock();
        SimHost host = new SimHost("h", 2, EpcCosts.sgx1(), clock);
        EpcModel.Enclave enclave = host.epc.create(pages);
        host.epc.populate(enclave, 0);
        if (antagonist > 0) {
            host.antagonist(antagonist, SWEEP_SECONDS, Long.MAX_VALUE);
        }
        List<Double> walks = new ArrayList<>();
        walk(host, enclave, 0, clock.now(), walks, clock);
        clock.runUntil(seconds * 1_000_000_000L);
        double median = LatencyWindow.percentile(
                walks.stream().mapToDouble(walk -> walk).toArray(), 0.5);
        return new double[] {median, host.epc.loaded() / seconds};
    }

    private static void walk(
            SimHost host, EpcModel.Enclave enclave, int segment, long began, List<Double> walks, VirtualClock clock) {
        if (segment == EpcModel.SEGMENTS) {
            walks.add((clock.now() - began) / 1e6);
            clock.after(PAUSE_SECONDS, () -> walk(host, enclave, 0, clock.now(), walks, clock));
            return;
        }
        long there = host.epc.touch(enclave, segment, clock.now());
        clock.at(there, () -> walk(host, enclave, segment + 1, began, walks, clock));
    }

    /// Whether there was paging at all, measured or forecast.
    boolean paged() {
        return Math.max(pagesPerSecond, forecastPagesPerSecond) >= 100;
    }

    /// Relative error of the forecast rate.
    double rateError() {
        return Math.abs(pagesPerSecond - forecastPagesPerSecond) / Math.max(pagesPerSecond, forecastPagesPerSecond);
    }
}
