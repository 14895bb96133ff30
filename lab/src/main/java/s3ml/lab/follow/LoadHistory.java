package s3ml.lab.follow;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// How many calls one of several servers answered after a weight changed, and how many all of them.
final class LoadHistory {
    /// Shorter ones hold too few calls to tell a share of a twentieth.
    private static final double WINDOW_SECONDS = 1;

    private final List<Sample> samples = new ArrayList<>();

    /// Counts until a moment.
    ///
    /// @param seconds since the change
    /// @param there answered by the server whose weight changed
    /// @param all answered by anybody
    record Sample(double seconds, long there, long all) {
        /// Share of the server in what was answered since an earlier moment; NaN if that was nothing. Not less than
        /// none: the counters of servers and callers are read one after the other.
        double shareSince(Sample earlier) {
            return Math.max(0.0, (double) (there - earlier.there) / (all - earlier.all));
        }
    }

    /// Adds what was counted later than all before.
    void add(Sample sample) {
        samples.add(sample);
    }

    /// The server's share in the last seconds; NaN if nothing was answered in them.
    double lastShare(double seconds) {
        Sample last = samples.getLast();
        Sample first = last;
        for (Sample sample : samples.reversed()) {
            if (last.seconds() - sample.seconds() > seconds) {
                break;
            }
            first = sample;
        }
        return last.shareSince(first);
    }

    /// The first moment from which on the server's share in every second, whenever that begins, is at most `most`;
    /// empty if it is more in the last one. A second without answers is one too many.
    OptionalDouble followsAfter(double most) {
        OptionalDouble since = OptionalDouble.empty();
        int end = 0;
        for (Sample start : samples) {
            while (end < samples.size() && samples.get(end).seconds() - start.seconds() < WINDOW_SECONDS) {
                end++;
            }
            if (end == samples.size()) {
                break;
            }
            if (!(samples.get(end).shareSince(start) <= most)) {
                since = OptionalDouble.empty();
            } else if (since.isEmpty()) {
                since = OptionalDouble.of(start.seconds());
            }
        }
        return since;
    }
}
