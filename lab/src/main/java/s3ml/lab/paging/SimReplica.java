package s3ml.lab.paging;

import java.util.ArrayDeque;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A simulated model server: one inference at a time, a bounded queue, a working set walked segment by segment.
final class SimReplica {
    /// The model server refuses beyond this, so that waiting stays bounded.
    private static final int MAX_QUEUE = 64;
    /// A client gives up after this many objectives, and the server then skips the request.
    private static final double DEADLINE_OBJECTIVES = 3;

    final String name;
    final SimModel model;
    final SimHost host;
    final EpcModel.Enclave enclave;
    final LatencyWindow latencies = new LatencyWindow();
    final int modelIndex;
    private final VirtualClock clock;
    private final BiConsumer<SimRequest, Double> answered;
    private final ArrayDeque<SimRequest> queue = new ArrayDeque<>();
    private @Nullable SimRequest current;
    private boolean busy;
    private boolean stopping;
    private boolean ready = true;
    private int arrivals;
    private long coreSince;

    /// @param answered told each request with its latency in milliseconds, or infinity when it failed
    SimReplica(
            String name,
            int modelIndex,
            SimModel model,
            SimHost host,
            BiConsumer<SimRequest, Double> answered,
            VirtualClock clock) {
        this.name = name;
        this.modelIndex = modelIndex;
        this.model = model;
        this.host = host;
        this.answered = answered;
        this.clock = clock;
        this.enclave = host.epc.create(model.pages());
    }

    int outstanding() {
        return queue.size() + (current == null ? 0 : 1);
    }

    int takeArrivals() {
        int taken = arrivals;
        arrivals = 0;
        return taken;
    }

    boolean ready() {
        return ready && !stopping;
    }

    void notReady() {
        ready = false;
    }

    void becomeReady() {
        ready = true;
    }

    void accept(SimRequest request) {
        arrivals++;
        if (queue.size() >= MAX_QUEUE) {
            answered.accept(request, Double.POSITIVE_INFINITY);
            return;
        }
        queue.add(request);
        if (!busy) {
            busy = true;
            host.wantsCore(this);
        }
    }

    /// Takes no more requests, and leaves when the queue is empty.
    void stop() {
        stopping = true;
        if (!busy) {
            leave();
        }
    }

    private void leave() {
        host.epc.remove(enclave);
        host.replicas.remove(this);
    }

    /// Called by the host when a processor is ours.
    void run() {
        coreSince = clock.now();
        SimRequest next = queue.poll();
        while (next != null && millisSince(next) > DEADLINE_OBJECTIVES * model.objectiveMillis()) {
            answered.accept(next, Double.POSITIVE_INFINITY);
            next = queue.poll();
        }
        current = next;
        if (next == null) {
            finishTurn();
        } else if (enclave.missing() < 1) {
            for (int segment = 0; segment < EpcModel.SEGMENTS; segment++) {
                host.epc.touch(enclave, segment, clock.now());
            }
            clock.after(model.serviceMillis() / 1e3, this::complete);
        } else {
            walk(0);
        }
    }

    private void walk(int segment) {
        if (segment == EpcModel.SEGMENTS) {
            complete();
            return;
        }
        long there = host.epc.touch(enclave, segment, clock.now());
        long compute = (long) (model.serviceMillis() * 1e6 / EpcModel.SEGMENTS);
        clock.at(there + compute, () -> walk(segment + 1));
    }

    private void complete() {
        SimRequest done = current;
        current = null;
        if (done != null) {
            double millis = millisSince(done);
            latencies.add(millis);
            answered.accept(done, millis);
        }
        finishTurn();
    }

    private void finishTurn() {
        long held = clock.now() - coreSince;
        if (queue.isEmpty()) {
            busy = false;
            host.coreFreed(held);
            if (stopping) {
                leave();
            }
        } else {
            host.coreFreed(held);
            host.wantsCore(this);
        }
    }

    private double millisSince(SimRequest request) {
        return (clock.now() - request.sentAt()) / 1e6;
    }

    /// When a request sent now would be answered, by the true state of queue, EPC and reclaimer: the oracle's view.
    double forecastMillis() {
        double paging = enclave.missing() * host.epc.costs().loadNanos() / 1e6;
        double stall = paging > 0 ? Math.max(paging, host.epc.backlogNanos(clock.now()) / 1e6) : 0;
        return stall + (outstanding() + 1) * model.serviceMillis();
    }
}
