package s3ml.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A host decision in the making.
final class HostDraft {
    final String host;
    double weight;
    Instant calmSince;
    Instant changedAt;
    Instant raisedAt;
    Duration patience;
    final List<HostDecision.ReplicaDecision> replicas = new ArrayList<>();
    final List<Reason> reasons = new ArrayList<>(2);

    private HostDraft(String host, double weight, Instant calmSince, Instant longAgo, Duration patience) {
        this.host = host;
        this.weight = weight;
        this.calmSince = calmSince;
        this.changedAt = longAgo;
        this.raisedAt = longAgo;
        this.patience = patience;
    }

    /// @param fresh weight of a host or replica seen for the first time
    static HostDraft of(Candidate candidate, Instant now, Duration patience, double fresh) {
        HostDecision previous = candidate.previous();
        HostDraft draft = new HostDraft(candidate.host().name(), fresh, now, Instant.EPOCH, patience);
        if (previous == null) {
            // A new host owes no patience: it ramps up at once.
            draft.calmSince = Instant.EPOCH;
        } else {
            draft.weight = previous.weight();
            draft.calmSince = previous.memory().calmSince();
            draft.changedAt = previous.memory().changedAt();
            draft.raisedAt = previous.memory().raisedAt();
            draft.patience = previous.memory().patience();
        }
        double start = previous == null ? fresh : 0;
        for (int i = 0; i < candidate.host().replicas().size(); i++) {
            Host.Replica replica = candidate.host().replicas().get(i);
            HostDecision.ReplicaDecision known = previous == null ? null : previous.find(replica.name(), i);
            draft.replicas.add(
                    known != null
                            ? known
                            : new HostDecision.ReplicaDecision(replica.name(), replica.model(), true, start));
        }
        return draft;
    }

    int active() {
        int count = 0;
        for (HostDecision.ReplicaDecision replica : replicas) {
            count += replica.active() ? 1 : 0;
        }
        return count;
    }

    void activateAll() {
        replicas.replaceAll(r -> new HostDecision.ReplicaDecision(r.replica(), r.model(), true, r.weight()));
    }

    void move(double to) {
        if (to != weight) {
            reasons.add(new Reason.Moved(weight, to));
            weight = to;
        }
    }

    /// Slow start: a step, or twice as much where that is more.
    static double risen(double weight, double riseStep) {
        return Math.min(1, Math.max(weight + riseStep, 2 * weight));
    }

    HostDecision finish(double riseStep) {
        replicas.replaceAll(r -> {
            double next = r.active() ? Math.min(weight, risen(r.weight(), riseStep)) : 0;
            return next == r.weight() ? r : new HostDecision.ReplicaDecision(r.replica(), r.model(), r.active(), next);
        });
        HostDecision.Memory memory = new HostDecision.Memory(calmSince, changedAt, raisedAt, patience);
        return new HostDecision(host, weight, replicas, memory, reasons);
    }
}
