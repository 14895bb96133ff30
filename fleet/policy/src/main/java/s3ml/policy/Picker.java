package s3ml.policy;

import java.util.random.RandomGenerator;

/// Picks the replica for one request or one connection among those of a model, as a data plane does.
///
/// Not thread-safe. Replicas of weight 0 are never picked while another has weight.
public sealed interface Picker {
    /// Picks one.
    ///
    /// @param weights per replica, ≥ 0; the same length and order from call to call until the set changes
    /// @param outstanding per replica: requests (or connections) it holds now
    /// @return index of the picked replica
    int pick(int[] weights, int[] outstanding);

    /// Smooth weighted round robin: over any run of picks the counts follow the weights within one.
    final class RoundRobin implements Picker {
        private double[] credit = new double[0];

        @Override
        public int pick(int[] weights, int[] outstanding) {
            if (credit.length != weights.length) {
                credit = new double[weights.length];
            }
            double total = 0;
            int best = -1;
            for (int i = 0; i < weights.length; i++) {
                total += weights[i];
                credit[i] += weights[i];
                if (weights[i] > 0 && (best < 0 || credit[i] > credit[best])) {
                    best = i;
                }
            }
            if (best < 0) {
                return 0;
            }
            credit[best] -= total;
            return best;
        }
    }

    /// Fewest outstanding requests per weight; ties go to the next in turn.
    final class LeastOutstanding implements Picker {
        private int turn;

        @Override
        public int pick(int[] weights, int[] outstanding) {
            int length = weights.length;
            int best = -1;
            double least = Double.POSITIVE_INFINITY;
            turn = turn + 1 >= length ? 0 : turn + 1;
            for (int k = 0, i = turn; k < length; k++, i = i + 1 == length ? 0 : i + 1) {
                double load = weights[i] == 0 ? Double.POSITIVE_INFINITY : (outstanding[i] + 1.0) / weights[i];
                if (load < least) {
                    least = load;
                    best = i;
                }
            }
            turn = best < 0 ? turn : best;
            return Math.max(best, 0);
        }
    }

    /// Fewest outstanding requests per weight while some replica can still answer in time; in turn when none can.
    ///
    /// A fleet that is over its capacity has to miss some objectives. Fewest outstanding would spread the misses over
    /// all replicas, because it drains the slow ones' share into the fast ones' queues; in turn, the fast ones keep
    /// theirs.
    final class BoundedLeast implements Picker {
        private final LeastOutstanding least = new LeastOutstanding();
        private final RoundRobin inTurn = new RoundRobin();
        private final int limit;

        /// @param limit outstanding requests with which a replica still meets the objective, ≥ 1
        public BoundedLeast(int limit) {
            if (limit < 1) {
                throw new IllegalArgumentException("limit is below 1: " + limit);
            }
            this.limit = limit;
        }

        @Override
        public int pick(int[] weights, int[] outstanding) {
            int picked = least.pick(weights, outstanding);
            // The turn goes on meanwhile, so that it begins nowhere in particular.
            int next = inTurn.pick(weights, outstanding);
            return outstanding[picked] < limit ? picked : next;
        }
    }

    /// The better of two at random, by outstanding requests per weight.
    ///
    /// @param random the source of the choices
    record TwoChoices(RandomGenerator random) implements Picker {
        @Override
        public int pick(int[] weights, int[] outstanding) {
            int first = random.nextInt(weights.length);
            int second = random.nextInt(weights.length);
            double one = weights[first] == 0 ? Double.POSITIVE_INFINITY : (outstanding[first] + 1.0) / weights[first];
            double other =
                    weights[second] == 0 ? Double.POSITIVE_INFINITY : (outstanding[second] + 1.0) / weights[second];
            if (Double.isInfinite(one) && Double.isInfinite(other)) {
                return anyWithWeight(weights, first);
            }
            return other < one ? second : first;
        }

        private static int anyWithWeight(int[] weights, int from) {
            for (int k = 0; k < weights.length; k++) {
                int i = (from + k) % weights.length;
                if (weights[i] > 0) {
                    return i;
                }
            }
            return from;
        }
    }
}
