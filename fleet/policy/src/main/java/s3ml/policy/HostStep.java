package s3ml.policy;

import java.time.Duration;
import java.time.Instant;

/// One tick of one host: parks, falls, holds, waits or rises.
final class HostStep {
    /// Over this pressure half of the active replicas may be parked at once; below, one.
    private static final double SEVERE = 3;
    /// A host that stayed calm for this many patiences has earned the shortest patience again.
    private static final int FORGIVEN = 5;

    private final BalanceConfig config;
    private final BalanceConfig.Timing timing;
    private final ModelAccounts accounts;
    private final FleetView fleet;
    private final boolean firstTick;

    HostStep(BalanceConfig config, ModelAccounts accounts, FleetView fleet, boolean firstTick) {
        this.config = config;
        this.timing = config.timing();
        this.accounts = accounts;
        this.fleet = fleet;
        this.firstTick = firstTick;
    }

    HostDecision decide(Candidate candidate) {
        HostDraft draft = HostDraft.of(candidate, fleet.now(), timing.patience(), firstTick ? 1 : config.riseStep());
        double pressure = candidate.pressure().value();
        draft.reasons.addAll(candidate.pressure().reasons());
        if (candidate.report() == null) {
            draft.reasons.add(new Reason.ReportIgnored(candidate.ignored()));
            draft.activateAll();
            raise(draft);
            draft.calmSince = fleet.now();
        } else if (pressure > 1) {
            draft.calmSince = fleet.now();
            relieve(draft, candidate.pressure());
        } else if (pressure > config.low()) {
            draft.calmSince = fleet.now();
            draft.reasons.add(new Reason.Held(pressure, config.low()));
            activateWanted(draft, 1);
        } else if (!activateWanted(draft, ModelAccounts.WANTED)) {
            recover(draft, candidate);
        }
        return draft.finish(config.riseStep());
    }

    private void relieve(HostDraft draft, Pressure pressure) {
        Instant now = fleet.now();
        if (Duration.between(draft.raisedAt, now).compareTo(timing.relapse()) <= 0
                && draft.raisedAt.isAfter(draft.changedAt)) {
            Duration doubled = draft.patience.multipliedBy(2);
            draft.patience = doubled.compareTo(timing.maxPatience()) > 0 ? timing.maxPatience() : doubled;
        } else if (Duration.between(draft.changedAt, now).compareTo(timing.settle()) < 0) {
            draft.reasons.add(new Reason.Withheld("the last step has not shown its effect yet"));
            return;
        }
        draft.changedAt = now;
        int most = pressure.value() > SEVERE ? (draft.active() + 1) / 2 : 1;
        int parked = 0;
        if (pressure.paging() > 1) {
            while (parked < most && draft.active() > 1 && parkOne(draft)) {
                parked++;
            }
        }
        if (parked == 0) {
            double weight = Math.max(config.floor(), draft.weight * Math.max(0.5, 1 / pressure.value()));
            draft.move(weight);
        }
    }

    /// Parks the replica whose model the fleet can best do without; false when none can be spared.
    private boolean parkOne(HostDraft draft) {
        int best = -1;
        double bestUtilisation = Double.POSITIVE_INFINITY;
        long bestPages = 0;
        for (int i = 0; i < draft.replicas.size(); i++) {
            HostDecision.ReplicaDecision replica = draft.replicas.get(i);
            ModelProfile profile = fleet.profiles().get(replica.model());
            if (!replica.active() || profile == null) {
                continue;
            }
            double utilisation = accounts.utilisationWithout(replica.model(), replica.weight());
            if (Double.isNaN(utilisation)) {
                continue;
            }
            // An eighth of a step: near ties go to the larger working set, whose absence helps most.
            double rank = Math.round(utilisation * 8) / 8.0;
            if (rank < bestUtilisation || (rank == bestUtilisation && profile.workingSetPages() > bestPages)) {
                best = i;
                bestUtilisation = rank;
                bestPages = profile.workingSetPages();
            }
        }
        if (best < 0) {
            return false;
        }
        HostDecision.ReplicaDecision replica = draft.replicas.get(best);
        accounts.parked(replica.model(), replica.weight());
        draft.reasons.add(new Reason.Parked(replica.replica(), replica.model(), accounts.utilisation(replica.model())));
        draft.replicas.set(best, new HostDecision.ReplicaDecision(replica.replica(), replica.model(), false, 0));
        return true;
    }

    private boolean activateWanted(HostDraft draft, double utilisation) {
        for (int i = 0; i < draft.replicas.size(); i++) {
            HostDecision.ReplicaDecision replica = draft.replicas.get(i);
            if (!replica.active() && accounts.utilisation(replica.model()) > utilisation) {
                activate(draft, i, "its model needs it");
                return true;
            }
        }
        return false;
    }

    private void activate(HostDraft draft, int index, String cause) {
        HostDecision.ReplicaDecision replica = draft.replicas.get(index);
        draft.replicas.set(index, new HostDecision.ReplicaDecision(replica.replica(), replica.model(), true, 0));
        accounts.activated(replica.model());
        draft.raisedAt = fleet.now();
        draft.calmSince = fleet.now();
        draft.reasons.add(new Reason.Activated(replica.replica(), replica.model(), cause));
    }

    private void recover(HostDraft draft, Candidate candidate) {
        Duration calm = Duration.between(draft.calmSince, fleet.now());
        if (calm.compareTo(draft.patience.multipliedBy(FORGIVEN)) >= 0) {
            draft.patience = timing.patience();
        }
        if (draft.weight >= 1 && draft.active() == draft.replicas.size()) {
            return;
        }
        if (draft.weight < 1) {
            if (calm.compareTo(draft.patience) < 0) {
                draft.reasons.add(new Reason.Waiting(calm, draft.patience));
            } else {
                raise(draft);
            }
            return;
        }
        int parked = firstParked(draft, candidate);
        Duration wait = parked >= 0 ? timing.patience() : draft.patience;
        if (calm.compareTo(wait) < 0) {
            draft.reasons.add(new Reason.Waiting(calm, wait));
        } else if (parked >= 0) {
            activate(draft, parked, "its working set fits in free EPC");
        } else {
            activate(draft, draft.anyParked(), "the host has been calm");
        }
    }

    /// A parked replica whose working set fits in what is free; -1 if none.
    private int firstParked(HostDraft draft, Candidate candidate) {
        HostReport report = candidate.report();
        if (report == null || report.paging() == null) {
            return -1;
        }
        for (int i = 0; i < draft.replicas.size(); i++) {
            ModelProfile profile = fleet.profiles().get(draft.replicas.get(i).model());
            if (!draft.replicas.get(i).active()
                    && profile != null
                    && profile.workingSetPages() <= report.paging().freePages()) {
                return i;
            }
        }
        return -1;
    }

    private void raise(HostDraft draft) {
        if (draft.weight < 1) {
            draft.raisedAt = fleet.now();
            draft.move(Math.min(1, draft.weight + config.riseStep()));
        }
    }
}
