package s3ml.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Weights by EPC paging: the project's own policy.
///
/// A host over its threshold first **parks** replicas which the rest of the fleet can spare, so that the working sets
/// of the others fit; when none can be spared, its **weight falls**, by half a tick at most and never below the floor.
/// Between the thresholds nothing changes. A host that has been calm for its patience gets load back in small steps;
/// the patience doubles with each relapse. `docs/paging.md` has the formulas.
///
/// @param config bounds and time constants
public record PagingWeights(BalanceConfig config) implements WeightPolicy {
    @Override
    public WeightDecision decide(WeightDecision previous, FleetView fleet) {
        List<Candidate> candidates = candidates(previous, fleet);
        ModelAccounts accounts = new ModelAccounts(config, previous, fleet);
        for (Candidate candidate : candidates) {
            if (candidate.report() != null) {
                candidate.report().replicas().forEach(r -> accounts.arrived(r.model(), r.arrivalsPerSecond()));
            }
        }
        // Worst first: they have the first call on what the fleet can spare.
        List<Candidate> worstFirst = new ArrayList<>(candidates);
        worstFirst.sort(
                Comparator.comparingDouble((Candidate c) -> -c.pressure().value())
                        .thenComparing(c -> c.host().name()));
        HostStep step = new HostStep(config, accounts, fleet, previous.hosts().isEmpty());
        Map<String, HostDecision> decided = HashMap.newHashMap(candidates.size());
        for (Candidate candidate : worstFirst) {
            decided.put(candidate.host().name(), step.decide(candidate));
        }
        Map<String, HostDecision> ordered = LinkedHashMap.newLinkedHashMap(candidates.size());
        fleet.hosts().forEach(host -> ordered.put(host.name(), decided.get(host.name())));
        return new WeightDecision(fleet.now(), new Lifting(config).lift(ordered));
    }

    private List<Candidate> candidates(WeightDecision previous, FleetView fleet) {
        ReportVetting vetting = new ReportVetting(config.timing().staleAfter());
        int count = fleet.hosts().size();
        List<ReportVetting.Vetted> vetted = new ArrayList<>(count);
        Pressure.Signals[] signals = new Pressure.Signals[count];
        double[] latencies = new double[count];
        double[] queues = new double[count];
        for (int i = 0; i < count; i++) {
            Host host = fleet.hosts().get(i);
            ReportVetting.Vetted judged = vetting.vet(host, fleet.reports().get(host.name()), fleet.now());
            vetted.add(judged);
            signals[i] = switch (judged) {
                case ReportVetting.Vetted.Usable usable ->
                    Pressure.signals(
                            host,
                            usable.report(),
                            fleet.profiles(),
                            previous.hosts().get(host.name()));
                case ReportVetting.Vetted.Ignored unused -> Candidate.NO_SIGNALS;
            };
            latencies[i] = signals[i].latency();
            queues[i] = signals[i].queue();
        }
        double latency = Pressure.median(latencies);
        double queue = Pressure.median(queues);
        List<Candidate> candidates = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Host host = fleet.hosts().get(i);
            Pressure pressure = Pressure.of(signals[i], config.low(), latency, queue);
            candidates.add(Candidate.of(host, previous.hosts().get(host.name()), vetted.get(i), pressure));
        }
        return candidates;
    }
}
