package s3ml.agent;

import java.util.ArrayDeque;

/// Rates of a host's paging over a sliding window, smoothed. Takes its times from the caller. Not thread-safe.
final class RateMeter {
    /// @param loadedPerSecond smoothed
    /// @param evictedPerSecond smoothed; repeats the loads where the source cannot tell
    /// @param freePages as last read; 0 where unknown
    /// @param totalPages as last read
    record Rates(double loadedPerSecond, double evictedPerSecond, long freePages, long totalPages) {}

    private record Sample(long atNanos, long loaded, long evicted) {}

    private final CounterTrack loadedTrack;
    private final CounterTrack evictedTrack;
    private final long windowNanos;
    private final double smoothing;
    private final ArrayDeque<Sample> samples = new ArrayDeque<>();
    private long loaded;
    private long evicted;
    private double loadedRate;
    private double evictedRate;
    private boolean evictionsKnown;

    /// @param bits of the source's counters
    /// @param windowNanos over which a rate is taken; positive
    /// @param smoothing share of the newest rate in the smoothed one, in (0, 1]
    RateMeter(int bits, long windowNanos, double smoothing) {
        if (windowNanos <= 0 || !(smoothing > 0 && smoothing <= 1)) {
            throw new IllegalArgumentException("window or smoothing out of range: " + windowNanos + ", " + smoothing);
        }
        this.loadedTrack = new CounterTrack(bits);
        this.evictedTrack = new CounterTrack(bits);
        this.windowNanos = windowNanos;
        this.smoothing = smoothing;
    }

    /// Takes a reading.
    ///
    /// @param atNanos monotonic time
    Rates sample(PagingCounters counters, long atNanos) {
        loaded += loadedTrack.advance(counters.loadedBack());
        evicted += evictedTrack.advance(counters.evicted());
        evictionsKnown = counters.evicted() != PagingCounters.UNKNOWN;
        samples.addLast(new Sample(atNanos, loaded, evicted));
        while (samples.size() > 2 && atNanos - samples.peekFirst().atNanos() > windowNanos) {
            samples.removeFirst();
        }
        Sample first = samples.getFirst();
        double seconds = (atNanos - first.atNanos()) / 1e9;
        if (seconds > 0) {
            loadedRate += smoothing * ((loaded - first.loaded()) / seconds - loadedRate);
            evictedRate += smoothing * ((evicted - first.evicted()) / seconds - evictedRate);
        }
        return new Rates(
                settled(loadedRate),
                settled(evictionsKnown ? evictedRate : loadedRate),
                Math.max(0, counters.freePages()),
                Math.max(0, counters.totalPages()));
    }

    /// Smoothing alone would never come back to nothing.
    private static double settled(double rate) {
        return rate < 0.5 ? 0 : rate;
    }

    /// All loads and evictions seen since the agent began.
    long totalLoaded() {
        return loaded;
    }

    long totalEvicted() {
        return evicted;
    }
}
