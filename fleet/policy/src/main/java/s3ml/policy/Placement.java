package s3ml.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds hosts for new replicas: calm ones, where the working set fits in EPC, most room left first.
///
/// Starting an enclave adds all its pages at once (SGX1), so a start on a full host evicts its neighbours. What one
/// tick places is subtracted for the next placement of the same tick.
final class Placement {
    /// The reclaimer of Linux wakes at 32 free pages and sleeps at 64; a little more keeps it asleep.
    static final long MARGIN_PAGES = 128;

    private final List<Slot> slots = new ArrayList<>();

    private static final class Slot {
        private final String host;
        private final Set<String> models = new HashSet<>();
        private long room;
        private int replicas;
        private final boolean calm;

        private Slot(String host, long room, boolean calm) {
            this.host = host;
            this.room = room;
            this.calm = calm;
        }
    }

    Placement(FleetView fleet, WeightDecision weights, ReportVetting vetting) {
        for (Host host : fleet.hosts()) {
            Slot slot = new Slot(host.name(), room(host, fleet, vetting), calm(host, weights));
            host.replicas().forEach(replica -> slot.models.add(replica.model()));
            slot.replicas = host.replicas().size();
            slots.add(slot);
        }
    }

    private static boolean calm(Host host, WeightDecision weights) {
        HostDecision decision = weights.hosts().get(host.name());
        return decision == null
                || (decision.weight() >= 1
                        && decision.active() == decision.replicas().size());
    }

    /// Free pages, but never more than the declared working sets leave: pages not touched yet look free.
    private static long room(Host host, FleetView fleet, ReportVetting vetting) {
        PagingRates paging = vetting.vet(host, fleet.reports().get(host.name()), fleet.now())
                        instanceof ReportVetting.Vetted.Usable usable
                ? usable.report().paging()
                : null;
        if (paging == null) {
            return Long.MIN_VALUE;
        }
        long declared = 0;
        for (Host.Replica replica : host.replicas()) {
            ModelProfile profile = fleet.profiles().get(replica.model());
            declared += profile == null ? 0 : profile.workingSetPages();
        }
        return Math.min(paging.freePages(), paging.totalPages() - declared) - MARGIN_PAGES;
    }

    /// The best host, or empty when none has room.
    Optional<String> place(ModelProfile profile, int maxPerHost) {
        Slot best = null;
        for (Slot slot : slots) {
            if (!slot.calm || slot.replicas >= maxPerHost || slot.room < profile.workingSetPages()) {
                continue;
            }
            if (best == null || better(slot, best, profile.model())) {
                best = slot;
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        best.room -= profile.workingSetPages();
        best.replicas++;
        best.models.add(profile.model());
        return Optional.of(best.host);
    }

    /// Hosts without the model first, so that one host's failure costs less; then the most room.
    private static boolean better(Slot slot, Slot best, String model) {
        boolean has = slot.models.contains(model);
        boolean bestHas = best.models.contains(model);
        return has != bestHas ? bestHas : slot.room > best.room;
    }

    /// Free pages per host after what was placed, for explanations.
    Map<String, Long> room() {
        Map<String, Long> rooms = new HashMap<>();
        slots.forEach(slot -> rooms.put(slot.host, slot.room));
        return rooms;
    }
}
