package s3ml.lab.paging;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// What happens to a cluster in one run.
///
/// @param name as printed
/// @param kind what it is about
/// @param fleet the hosts
/// @param steering what a balancer steers
/// @param antagonists other tenants' enclaves
/// @param load share of the fleet's initial quiet capacity that is offered, over time in seconds
/// @param seconds length of the run
record Scenario(
        String name,
        Kind kind,
        Fleet fleet,
        Steering steering,
        List<Antagonist> antagonists,
        DoubleUnaryOperator load,
        int seconds) {
    /// What a scenario is about; printed in lower case with a hyphen.
    enum Kind {
        NO_PAGING,
        INTERFERENCE,
        LOAD;

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /// What a balancer steers.
    enum Steering {
        /// Each request, as at an L7 balancer with sealed bodies.
        REQUESTS,
        /// New connections only, as below TLS; clients keep theirs for half a minute on average.
        CONNECTIONS
    }

    /// The hosts of a scenario.
    ///
    /// @param hosts how many
    /// @param cores processors each
    /// @param placed indices into `models`, the replicas that each host starts with; may be empty
    /// @param models what is served
    /// @param filled how many hosts have replicas at the start
    /// @param costs size and cost of each host's EPC
    record Fleet(int hosts, int cores, List<Integer> placed, List<SimModel> models, int filled, EpcCosts costs) {
        Fleet(int hosts, int cores, List<Integer> placed, List<SimModel> models, int filled) {
            this(hosts, cores, placed, models, filled, EpcCosts.sgx1());
        }
    }

    /// Another tenant's enclave on some hosts.
    ///
    /// @param skipShare the first hosts of a seeded order that do not have it, as a share of all
    /// @param hostShare share of the hosts that have it, the next ones in that order
    /// @param pages its working set
    /// @param sweepSeconds time in which it walks it, when all is resident
    /// @param from seconds
    /// @param until seconds
    record Antagonist(double skipShare, double hostShare, long pages, double sweepSeconds, double from, double until) {}
}
