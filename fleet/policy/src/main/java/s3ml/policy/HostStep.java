package s3ml.policy;

import java.time.Duration;
import java.time.Instant;

/// One tick of one host: parks, falls, holds, waits or rises.
final class HostStep {
    /// What a host keeps that is slow without paging.
    private static final double LEAST_WITHOUT_PAGING = 0.5;
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
            if (leastWeight(draft, ModelAccounts.OVERLOADED) > draft.weight) {
                raiseTo(draft, leastWeight(draft, ModelAccounts.CARRIES));
            } else if (candidate.pressure().judged() && candidate.pressure().paging() <= 1) {
                ease(draft, candidate.pressure());
            } else {
                relieve(draft, candidate.pressure(), candidate.totalPages());
            }
        } else if (pressure > config.low()) {
            draft.calmSince = fleet.now();
            draft.reasons.add(new Reason.Held(pressure, config.low()));
        } else if (!activateWanted(draft, candidate)) {
            recover(draft, candidate);
        }
        return draft.finish(config.riseStep());
    }

    private void relieve(HostDraft draft, Pressure pressure, long totalPages) {
        Instant now = fleet.now();
        boolean raised = draft.raisedAt.isAfter(draft.changedAt);
        if (raised && Duration.between(draft.raisedAt, now).compareTo(timing.relapse()) <= 0) {
            Duration doubled = draft.patience.multipliedBy(2);
            draft.patience = doubled.compareTo(timing.maxPatience()) > 0 ? timing.maxPatience() : doubled;
        } else if (Duration.between(draft.changedAt, now).compareTo(timing.settle()) < 0) {
            draft.reasons.add(new Reason.Withheld("the last step has not shown its effect yet"));
            return;
        }
        if (pressure.paging() > 1 && park(draft, totalPages) > 0) {
            draft.changedAt = now;
            return;
        }
        draft.changedAt = now;
        fall(draft, Math.max(config.floor(), draft.weight * Math.max(0.5, 1 / pressure.value())));
    }

    /// Lets the weight fall, but not so far that the hosts which get the load would carry more than they can: a host
    /// that answers half of its requests in time is worth more than a fleet that answers none.
    private void fall(HostDraft draft, double to) {
        double least = leastWeight(draft, ModelAccounts.CARRIES);
        if (least >= draft.weight) {
            draft.reasons.add(new Reason.Withheld("the other hosts cannot carry more of its load"));
            return;
        }
        if (least > to) {
            draft.reasons.add(new Reason.Withheld("the other hosts can carry no more than that"));
        }
        double from = draft.weight;
        draft.move(Math.max(to, least));
        account(draft, from);
    }

    private double leastWeight(HostDraft draft, double utilisation) {
        double least = 0;
        for (HostDecision.ReplicaDecision replica : draft.replicas) {
            if (replica.active()) {
                least = Math.max(least, accounts.leastWeight(replica.model(), replica.weight(), utilisation));
            }
        }
        return Math.min(1, least);
    }

    private void account(HostDraft draft, double from) {
        for (HostDecision.ReplicaDecision replica : draft.replicas) {
            if (replica.active()) {
                double before = Math.min(replica.weight(), from);
                accounts.moved(replica.model(), before, Math.min(before, draft.weight));
            }
        }
    }

    /// Slow or long queues on a host that does not page: more often overloaded than sick. Shifting its load to others,
    /// who carry the same, would only pass the trouble on, so it keeps half of its weight, and no relapse is counted.
    private void ease(HostDraft draft, Pressure pressure) {
        if (Duration.between(draft.changedAt, fleet.now()).compareTo(timing.settle()) < 0) {
            draft.reasons.add(new Reason.Withheld("the last step has not shown its effect yet"));
        } else if (draft.weight > LEAST_WITHOUT_PAGING) {
            draft.changedAt = fleet.now();
            fall(draft, Math.max(LEAST_WITHOUT_PAGING, draft.weight / Math.min(1.25, pressure.value())));
        }
    }

    /// Parks until the declared working sets fit. If they do already, somebody else's enclave is at work, and one goes:
    /// to park more at once would leave less for the hosts that are decided next.
    private int park(HostDraft draft, long totalPages) {
        int parked = 0;
        do {
            if (draft.active() <= 1 || !parkOne(draft)) {
                return parked;
            }
            parked++;
        } while (declared(draft) > totalPages);
        return parked;
    }

    private long declared(HostDraft draft) {
        long pages = 0;
        for (HostDecision.ReplicaDecision replica : draft.replicas) {
            pages += replica.active() ? pages(replica) : 0;
        }
        return pages;
    }

    private long pages(HostDecision.ReplicaDecision replica) {
        ModelProfile profile = fleet.profiles().get(replica.model());
        return profile == null ? 0 : profile.workingSetPages();
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

    /// A model short of capacity gets its replica back without waiting, if it fits; if it does not, only when the model
    /// cannot carry its load at all: paging is then the smaller evil.
    private boolean activateWanted(HostDraft draft, Candidate candidate) {
        long room = candidate.totalPages() - declared(draft);
        for (int i = 0; i < draft.replicas.size(); i++) {
            HostDecision.ReplicaDecision replica = draft.replicas.get(i);
            double limit = pages(replica) <= room ? ModelAccounts.WANTED : ModelAccounts.OVERLOADED;
            if (!replica.active() && accounts.utilisation(replica.model()) > limit) {
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
        int parked = bestParked(draft, candidate.totalPages());
        if (parked < 0) {
            draft.reasons.add(new Reason.Withheld("the parked working sets do not fit beside the active ones"));
            return;
        }
        boolean free = pages(draft.replicas.get(parked)) <= candidate.freePages();
        Duration wait = free ? timing.patience() : draft.patience;
        if (calm.compareTo(wait) < 0) {
            draft.reasons.add(new Reason.Waiting(calm, wait));
        } else {
            activate(draft, parked, free ? "its working set fits in free EPC" : "the host has been calm");
        }
    }

    /// The parked replica whose model needs it most, among those that fit beside the active ones; -1 if none does.
    private int bestParked(HostDraft draft, long totalPages) {
        long room = totalPages - declared(draft);
        int best = -1;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < draft.replicas.size(); i++) {
            HostDecision.ReplicaDecision replica = draft.replicas.get(i);
            double utilisation = accounts.utilisation(replica.model());
            double need = Double.isNaN(utilisation) ? 0 : utilisation;
            if (!replica.active() && pages(replica) <= room && need > most) {
                best = i;
                most = need;
            }
        }
        return best;
    }

    /// The hosts that carry this one's load cannot: it takes some of it back, sick as it is.
    private void raiseTo(HostDraft draft, double most) {
        double from = draft.weight;
        draft.changedAt = fleet.now();
        draft.move(Math.min(most, HostDraft.risen(draft.weight, config.riseStep())));
        draft.reasons.add(new Reason.Withheld("the other hosts cannot carry its load"));
        for (HostDecision.ReplicaDecision replica : draft.replicas) {
            if (replica.active()) {
                accounts.moved(replica.model(), Math.min(replica.weight(), from), draft.weight);
            }
        }
    }

    private void raise(HostDraft draft) {
        if (draft.weight < 1) {
            draft.raisedAt = fleet.now();
            draft.move(HostDraft.risen(draft.weight, config.riseStep()));
        }
    }
}
