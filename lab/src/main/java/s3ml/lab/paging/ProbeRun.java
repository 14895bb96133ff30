package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import s3ml.policy.HostReport;

/// One run of the offline analysis: a simulated host with replicas of one model, a load, and somebody else's enclave.
///
/// @param paging mean contention, pages a second
/// @param cpu mean busy share
/// @param requests mean arrivals a second
/// @param queue mean outstanding requests
/// @param p99Millis over all answers of the run
/// @param violated whether p99 is over the objective
public record ProbeRun(double paging, double cpu, double requests, double queue, double p99Millis, boolean violated) {
    private static final int SECONDS = 25;
    private static final int CORES = 4;

    /// What may predict a violation.
    public enum Signal {
        PAGING,
        CPU,
        QPS,
        QUEUE
    }

    public double of(Signal signal) {
        return switch (signal) {
            case PAGING -> paging;
            case CPU -> cpu;
            case QPS -> requests;
            case QUEUE -> queue;
        };
    }

    /// A designed experiment: load, antagonist and replicas drawn evenly over their ranges.
    static List<ProbeRun> design(SimModel model, int runs, SplittableRandom random) {
        List<ProbeRun> all = new ArrayList<>(runs);
        for (int run = 0; run < runs; run++) {
            int replicas = 1 + run % 2;
            double load = 0.1 + 0.8 * random.nextDouble();
            long antagonist = run % 3 == 0 ? 0 : 4_000 + random.nextInt(20_000);
            double sweep = 0.1 + 0.6 * random.nextDouble();
            all.add(run(model, replicas, load, antagonist, sweep, random.split()));
        }
        return all;
    }

    private static ProbeRun run(
            SimModel model, int replicas, double load, long antagonist, double sweep, SplittableRandom random) {
        VirtualClock clock = new VirtualClock();
        SimHost host = new SimHost("h", CORES, EpcCosts.sgx1(), clock);
        List<Double> latencies = new ArrayList<>();
        for (int r = 0; r < replicas; r++) {
            SimReplica replica =
                    new SimReplica("r" + r, 0, model, host, (request, millis) -> latencies.add(millis), clock);
            host.epc.populate(replica.enclave, 0);
            host.replicas.add(replica);
        }
        if (antagonist > 0) {
            host.antagonist(antagonist, sweep, Long.MAX_VALUE);
        }
        arrive(host, clock, load * replicas * model.capacity(), random);
        double paging = 0;
        double cpu = 0;
        double requests = 0;
        double queue = 0;
        for (int second = 1; second <= SECONDS; second++) {
            clock.runUntil(second * 1_000_000_000L);
            HostReport report = host.report(1);
            if (report.paging() != null) {
                paging += Math.min(
                        report.paging().loadedPerSecond(), report.paging().evictedPerSecond());
            }
            cpu += report.cpuBusy();
            for (s3ml.policy.ReplicaReport replica : report.replicas()) {
                requests += replica.arrivalsPerSecond();
                queue += replica.outstanding();
            }
        }
        double p99 = LatencyWindow.percentile(
                latencies.stream().mapToDouble(millis -> millis).toArray(), 0.99);
        return new ProbeRun(
                paging / SECONDS,
                cpu / SECONDS,
                requests / SECONDS,
                queue / SECONDS,
                Double.isInfinite(p99) ? 10 * model.objectiveMillis() : p99,
                p99 > model.objectiveMillis());
    }

    private static void arrive(SimHost host, VirtualClock clock, double rate, SplittableRandom random) {
        clock.after(-Math.log(1 - random.nextDouble()) / rate, () -> {
            SimReplica least = host.replicas.get(0);
            for (SimReplica replica : host.replicas) {
                least = replica.outstanding() < least.outstanding() ? replica : least;
            }
            least.accept(new SimRequest(0, clock.now()));
            arrive(host, clock, rate, random);
        });
    }
}
