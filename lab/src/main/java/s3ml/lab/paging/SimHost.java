package s3ml.lab.paging;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import s3ml.policy.Host;
import s3ml.policy.HostReport;
import s3ml.policy.PagingRates;
import s3ml.policy.ReplicaReport;

/// A simulated host: processors, an EPC, replicas, other people's enclaves.
final class SimHost {
    final String name;
    final EpcModel epc;
    final List<SimReplica> replicas = new ArrayList<>();
    private final VirtualClock clock;
    private final int cores;
    private final ArrayDeque<SimReplica> waiting = new ArrayDeque<>();
    private int running;
    private double busyNanos;
    private double lastLoaded;
    private double lastEvicted;

    SimHost(String name, int cores, EpcCosts costs, VirtualClock clock) {
        this.name = name;
        this.cores = cores;
        this.epc = new EpcModel(costs);
        this.clock = clock;
    }

    /// Gives the replica a processor, at once or when one is free.
    void wantsCore(SimReplica replica) {
        if (running < cores) {
            running++;
            replica.run();
        } else {
            waiting.add(replica);
        }
    }

    void coreFreed(long heldNanos) {
        busyNanos += heldNanos;
        running--;
        SimReplica next = waiting.poll();
        if (next != null) {
            running++;
            next.run();
        }
    }

    /// Another tenant's enclave, which sweeps its working set for ever, or until `untilNanos`.
    void antagonist(long pages, double sweepSeconds, long untilNanos) {
        EpcModel.Enclave enclave = epc.create(pages);
        epc.populate(enclave, clock.now());
        sweep(enclave, 0, sweepSeconds / EpcModel.SEGMENTS, untilNanos);
    }

    private void sweep(EpcModel.Enclave enclave, int segment, double pauseSeconds, long untilNanos) {
        if (clock.now() >= untilNanos) {
            epc.remove(enclave);
            return;
        }
        long done = epc.touch(enclave, segment, clock.now());
        clock.at(
                done + (long) (pauseSeconds * 1e9),
                () -> sweep(enclave, (segment + 1) % EpcModel.SEGMENTS, pauseSeconds, untilNanos));
    }

    Host member() {
        List<Host.Replica> members = new ArrayList<>(replicas.size());
        replicas.forEach(replica -> members.add(new Host.Replica(replica.name, replica.model.name())));
        return new Host(name, members);
    }

    /// What an agent would report of the window since the last call.
    HostReport report(double windowSeconds) {
        PagingRates paging = new PagingRates(
                (epc.loaded() - lastLoaded) / windowSeconds,
                (epc.evicted() - lastEvicted) / windowSeconds,
                (long) epc.freePages(),
                epc.costs().totalPages());
        lastLoaded = epc.loaded();
        lastEvicted = epc.evicted();
        double cpu = Math.min(1, busyNanos / (windowSeconds * 1e9 * cores));
        busyNanos = 0;
        List<ReplicaReport> reports = new ArrayList<>(replicas.size());
        for (SimReplica replica : replicas) {
            Duration p99 = SimModel.nanos(replica.latencies.turn());
            reports.add(new ReplicaReport(
                    replica.name,
                    replica.model.name(),
                    replica.takeArrivals() / windowSeconds,
                    replica.outstanding(),
                    p99));
        }
        return new HostReport(name, clock.instant(), paging, cpu, cores, reports);
    }
}
