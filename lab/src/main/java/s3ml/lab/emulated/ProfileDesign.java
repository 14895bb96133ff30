package s3ml.lab.emulated;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A designed experiment over load, antagonist and replicas: drawn evenly over their ranges, so that no signal stands
/// for another by construction.
///
/// @param load share of the replicas' capacity that is offered
/// @param antagonistPages of somebody else's enclave; 0 for none
/// @param sweepMillis between the beginnings of two of its walks
/// @param replicas 1 or more, on one host
record ProfileDesign(double load, int antagonistPages, int sweepMillis, int replicas) {
    private static final double LEAST_LOAD = 0.1;
    private static final double MOST_LOAD = 0.75;

    /// @param runs how many
    /// @param mostReplicas which fit into the EPC without an antagonist
    /// @param epcPages of the host
    static List<ProfileDesign> draw(int runs, int mostReplicas, int epcPages, SplittableRandom random) {
        List<ProfileDesign> all = new ArrayList<>(runs);
        for (int run = 0; run < runs; run++) {
            int antagonist = run % 3 == 0 ? 0 : epcPages / 8 + random.nextInt(epcPages - epcPages / 8);
            all.add(new ProfileDesign(
                    LEAST_LOAD + (MOST_LOAD - LEAST_LOAD) * random.nextDouble(),
                    antagonist,
                    100 + random.nextInt(500),
                    1 + run % mostReplicas));
        }
        return all;
    }
}
