package s3ml.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        Map<String, HostDecision.ReplicaDecision> before = new HashMap<>();
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
            previous.replicas().forEach(replica -> before.put(replica.replica(), replica));
        }
        double start = previous == null ? fresh : 0;
        for (Host.Replica replica : candidate.host().replicas()) {
            HostDecision.ReplicaDecision known = before.get(replica.name());
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

    int anyParked() {
        for (int i = 0; i < replicas.size(); i++) {
            if (!replicas.get(i).active()) {
                return i;
            }
        }
        throw new IllegalStateException("no replica of " + host + " is parked");
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

    HostDecision finish(double riseStep) {
        replicas.replaceAll(r -> new HostDecision.ReplicaDecision(
                r.replica(), r.model(), r.active(), r.active() ? Math.min(weight, r.weight() + riseStep) : 0));
        HostDecision.Memory memory = new HostDecision.Memory(calmSince, changedAt, raisedAt, patience);
        return new HostDecision(host, weight, replicas, memory, reasons);
    }
}
