package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The simulator's forecast of an experiment with real servers on emulated hosts.
///
/// @param hosts how many
/// @param cores processors that each has on average
/// @param pages of each host's EPC
/// @param models one replica of each on each host
public record SimulatedTwin(int hosts, int cores, int pages, List<Model> models) {
    public SimulatedTwin {
        models = List.copyOf(models);
    }

    /// A model as it was measured.
    ///
    /// @param serviceMillis one inference alone, as a client sees it
    /// @param pages that it touches
    /// @param objectiveMillis of its p99
    public record Model(String name, double serviceMillis, long pages, double objectiveMillis) {}

    /// Somebody else's enclave.
    ///
    /// @param hostShare share of the hosts that have it
    public record Neighbour(double hostShare, long pages, double sweepSeconds) {}

    /// Share of the requests that are answered within the objective, per policy.
    ///
    /// @param load share of the fleet's capacity that is offered
    /// @param neighbours none for a quiet run
    public Map<String, Double> attainment(double load, List<Neighbour> neighbours, int seconds, long seed) {
        List<SimModel> simulated = new ArrayList<>();
        List<Integer> placed = new ArrayList<>();
        for (Model model : models) {
            placed.add(simulated.size());
            simulated.add(new SimModel(model.name(), model.serviceMillis(), model.pages(), model.objectiveMillis()));
        }
        EpcCosts costs =
                new EpcCosts(pages, EpcCosts.sgx1().loadNanos(), EpcCosts.sgx1().evictNanos());
        List<Scenario.Antagonist> antagonists = neighbours.stream()
                .map(n -> new Scenario.Antagonist(0, n.hostShare(), n.pages(), n.sweepSeconds(), 3, 1e6))
                .toList();
        Scenario scenario = new Scenario(
                "twin",
                antagonists.isEmpty() ? Scenario.Kind.NO_PAGING : Scenario.Kind.INTERFERENCE,
                new Scenario.Fleet(hosts, cores, placed, simulated, hosts, costs),
                Scenario.Steering.REQUESTS,
                antagonists,
                t -> load,
                seconds);
        Map<String, Double> attainment = new LinkedHashMap<>();
        for (Contender contender : Contender.balancing()) {
            attainment.put(
                    contender.name(), Cluster.run(scenario, contender, seed).sloAttainment());
        }
        return attainment;
    }
}
