package s3ml.sim.epc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/// Somebody else's enclave: walks a working set of a chosen size in a chosen way until it is told to end.
///
/// @param pages of the working set, 1 to 32,768
/// @param sweep time between the beginnings of two walks; what takes longer follows at once
/// @param pattern order of use
public record Antagonist(int pages, Duration sweep, Pattern pattern) {
    /// Pages used together; so small that a pinned range never holds up the others.
    private static final int RANGE_PAGES = 256;

    /// Order in which an antagonist uses its pages.
    public enum Pattern {
        /// From first to last: the worst case for second chance.
        CYCLIC,
        /// Ranges at random: some are there, whatever the size.
        RANDOM,
        /// A tenth of the ranges gets nine tenths of the uses.
        HOT
    }

    public Antagonist {
        if (pages < 1 || pages > EpcLayout.MOST_PAGES) {
            throw new IllegalArgumentException("pages is outside 1.." + EpcLayout.MOST_PAGES + ": " + pages);
        }
        if (sweep.isNegative()) {
            throw new IllegalArgumentException("sweep is negative: " + sweep);
        }
    }

    /// Ranges of at most 256 pages for a working set.
    public static List<Integer> ranges(int pages) {
        List<Integer> ranges = new ArrayList<>(Collections.nCopies(pages / RANGE_PAGES, RANGE_PAGES));
        if (pages % RANGE_PAGES > 0) {
            ranges.add(pages % RANGE_PAGES);
        }
        return ranges;
    }

    /// Walks until the thread is interrupted.
    public void run(EmulatedEpc epc, RandomGenerator random) {
        try (EmulatedEnclave enclave = epc.enclave(ranges(pages))) {
            while (!Thread.currentThread().isInterrupted()) {
                long began = System.nanoTime();
                for (int step = 0; step < enclave.ranges(); step++) {
                    enclave.touch(range(step, enclave.ranges(), random));
                }
                Thread.sleep(Math.max(0, sweep.toMillis() - (System.nanoTime() - began) / 1_000_000));
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private int range(int step, int count, RandomGenerator random) {
        return switch (pattern) {
            case CYCLIC -> step;
            case RANDOM -> random.nextInt(count);
            case HOT -> random.nextInt(10) < 9 ? random.nextInt(Math.max(1, count / 10)) : random.nextInt(count);
        };
    }
}
