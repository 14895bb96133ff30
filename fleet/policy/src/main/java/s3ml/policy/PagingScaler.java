package s3ml.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Scales by demand, counting a replica only for the share of load that paging lets it carry.
///
/// Out at once when the effective replicas (the sum of their weights) fall below the need, or when load-weighted paging
/// is over threshold; to hosts where the working set fits, and not at all when there is none: one enclave more on a
/// full host makes all slower. In, one at a time, when the need has been lower for long.
///
/// @param config bounds
/// @param staleAfter reports older than this are ignored
public record PagingScaler(ScaleConfig config, Duration staleAfter) implements ScalePolicy {
    @Override
    public ScaleDecision decide(ScaleDecision previous, FleetView fleet, WeightDecision weights) {
        ReportVetting vetting = new ReportVetting(staleAfter);
        Placement placement = new Placement(fleet, weights, vetting);
        Map<String, ScaleDecision.ModelScale> models = new LinkedHashMap<>();
        ModelLoad.of(fleet, weights, vetting).forEach((model, load) -> {
            ModelProfile profile = fleet.profiles().get(model);
            ScaleDecision.ModelScale before = previous.models().get(model);
            if (profile != null) {
                ScaleDraft draft = new ScaleDraft(config, load, profile, before, fleet.now());
                models.put(model, scale(draft, placement));
            }
        });
        return new ScaleDecision(fleet.now(), models);
    }

    private ScaleDecision.ModelScale scale(ScaleDraft draft, Placement placement) {
        ModelLoad load = draft.load;
        double demand = load.arrivals * draft.profile.serviceSeconds() / config.target();
        draft.reasons.add(new Reason.Needed("arrivals x service time / target", demand));
        double missing = demand - load.effective;
        double pressure = load.pagingPressure();
        if (pressure > 1) {
            draft.reasons.add(new Reason.PagingOver(pressure, 1));
            missing = Math.max(missing, 1);
        }
        if (missing > 0.1 || load.replicas.size() < config.minReplicas()) {
            draft.needMetUntil = draft.now;
            grow(draft, placement, Math.max(1, (int) Math.ceil(missing)));
        } else if (demand > load.effective - 1 - 0.1 * load.effective) {
            draft.needMetUntil = draft.now;
        } else {
            shrink(draft, demand);
        }
        return draft.finish();
    }

    private void grow(ScaleDraft draft, Placement placement, int wanted) {
        int has = draft.load.replicas.size();
        if (draft.cooling()) {
            draft.reasons.add(new Reason.Withheld("scaled out a moment ago"));
            return;
        }
        int most = Math.min(config.maxReplicas() - has, Math.max(1, has));
        for (int i = 0; i < Math.min(wanted, most); i++) {
            Optional<String> host = placement.place(draft.profile, config.maxPerHost());
            if (host.isEmpty()) {
                draft.reasons.add(new Reason.Withheld("no calm host has " + draft.profile.workingSetPages()
                        + " free EPC pages: another enclave would page"));
                return;
            }
            draft.start(host.get());
        }
    }

    private void shrink(ScaleDraft draft, double demand) {
        int has = draft.load.replicas.size();
        Duration low = Duration.between(draft.needMetUntil, draft.now);
        if (has <= config.minReplicas() || low.compareTo(config.inCooldown()) < 0) {
            return;
        }
        // A tenth a step, the worst placed first: they carry the least.
        double spare = draft.load.effective * 0.9 - demand;
        int stop = (int) Math.min(Math.max(1, has / 10), Math.min(spare, (double) has - config.minReplicas()));
        List<ModelLoad.Placed> worst = new ArrayList<>(draft.load.replicas);
        worst.sort(Comparator.comparingDouble(ModelLoad.Placed::weight)
                .thenComparing(
                        Comparator.comparingDouble(ModelLoad.Placed::cpuBusy).reversed())
                .thenComparing(ModelLoad.Placed::name));
        for (int i = 0; i < stop; i++) {
            draft.stop(worst.get(i));
        }
        Instant next = draft.now.minus(config.inCooldown()).plus(config.outCooldown());
        draft.needMetUntil = next;
    }
}
