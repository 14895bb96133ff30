package s3ml.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Baseline: the rule of Kubernetes' Horizontal Pod Autoscaler, `desired = ceil(current · value / target)` with a
/// tolerance of a tenth, at most doubling, and scaling in to the largest need of the cooldown. New replicas go where
/// the fewest are, and where their declared working set fits beside the declared ones, as a device plugin would see to.
///
/// @param config bounds; `target` is the utilisation aimed at
/// @param signal what is compared with its target
public record UtilisationScaler(ScaleConfig config, Signal signal) implements ScalePolicy {
    private static final double TOLERANCE = 0.1;
    private static final ReportVetting VETTING = new ReportVetting(Duration.ofSeconds(5));

    /// What is compared with its target.
    public enum Signal {
        /// Mean busy processors per replica, each of which asks for one, against the target.
        CPU,
        /// Mean over the replicas of their p99, weighted by load, against 70 % of the objective.
        LATENCY
    }

    @Override
    public ScaleDecision decide(ScaleDecision previous, FleetView fleet, WeightDecision weights) {
        Map<String, ScaleDecision.ModelScale> models = new LinkedHashMap<>();
        Spread spread = new Spread(fleet);
        ModelLoad.of(fleet, weights, VETTING).forEach((model, load) -> {
            ModelProfile profile = fleet.profiles().get(model);
            if (profile != null) {
                ScaleDraft draft =
                        new ScaleDraft(config, load, profile, previous.models().get(model), fleet.now());
                models.put(model, scale(draft, spread));
            }
        });
        return new ScaleDecision(fleet.now(), models);
    }

    private ScaleDecision.ModelScale scale(ScaleDraft draft, Spread spread) {
        int has = Math.max(1, draft.load.replicas.size());
        double ratio = switch (signal) {
            case CPU -> draft.load.cpuMean() / config.target();
            case LATENCY -> draft.load.latencyMeanSeconds() / (0.7 * draft.profile.objectiveSeconds());
        };
        int wanted = Math.abs(ratio - 1) <= TOLERANCE ? has : (int) Math.ceil(has * Math.min(ratio, 2));
        wanted = Math.clamp(wanted, config.minReplicas(), config.maxReplicas());
        draft.reasons.add(new Reason.Needed("current x " + signal + " / target", has * ratio));
        if (wanted >= has) {
            draft.needMetUntil = draft.now;
        }
        if (wanted > has && !draft.cooling()) {
            for (int i = has; i < wanted; i++) {
                spread.place(draft.profile, config.maxPerHost(), draft);
            }
        }
        Duration low = Duration.between(draft.needMetUntil, draft.now);
        if (wanted < has && low.compareTo(config.inCooldown()) >= 0) {
            List<ModelLoad.Placed> last = new ArrayList<>(draft.load.replicas);
            last.sort(Comparator.comparing(ModelLoad.Placed::name).reversed());
            last.subList(0, has - wanted).forEach(draft::stop);
            draft.needMetUntil = draft.now;
        }
        return draft.finish();
    }

    /// Places by declared working sets and counts, blind to what really happens on the hosts.
    private static final class Spread {
        private final Map<String, Integer> counts = new LinkedHashMap<>();
        private final Map<String, Long> rooms = new HashMap<>();

        private Spread(FleetView fleet) {
            for (Host host : fleet.hosts()) {
                counts.put(host.name(), host.replicas().size());
                HostReport report = fleet.reports().get(host.name());
                PagingRates paging = report == null ? null : report.paging();
                long room = paging == null ? Long.MAX_VALUE : paging.totalPages() - Placement.MARGIN_PAGES;
                for (Host.Replica replica : host.replicas()) {
                    ModelProfile profile = fleet.profiles().get(replica.model());
                    room -= profile == null ? 0 : profile.workingSetPages();
                }
                rooms.put(host.name(), room);
            }
        }

        private void place(ModelProfile profile, int maxPerHost, ScaleDraft draft) {
            String best = null;
            int fewest = maxPerHost;
            for (Map.Entry<String, Integer> entry : counts.entrySet()) {
                boolean fits = rooms.getOrDefault(entry.getKey(), 0L) >= profile.workingSetPages();
                if (fits && entry.getValue() < fewest) {
                    best = entry.getKey();
                    fewest = entry.getValue();
                }
            }
            if (best != null) {
                counts.merge(best, 1, Integer::sum);
                rooms.merge(best, -profile.workingSetPages(), Long::sum);
                draft.start(best);
            }
        }
    }
}
