package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import s3ml.policy.Picker;
import s3ml.policy.WeightDecision;

/// The data plane of one model: steers requests, or the connections that carry them.
final class Route {
    /// Mean age at which a connection ends by itself.
    private static final double CONNECTION_SECONDS = 30;
    private static final int CONNECTIONS_PER_REPLICA = 4;
    /// A server drains a connection when its weight falls below this share of what it was at the connection's start.
    private static final double DRAIN_BELOW = 0.5;

    private final Contender contender;
    private final Scenario.Steering steering;
    private final Picker picker;
    private final SplittableRandom random;
    private final VirtualClock clock;
    private final List<SimReplica> replicas = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private int[] weights = new int[0];

    private static final class Connection {
        private @Nullable SimReplica to;
        private int weightAtStart;
        private double endsAt;
    }

    Route(
            Contender contender,
            SimModel model,
            Scenario.Steering steering,
            SplittableRandom random,
            VirtualClock clock) {
        this.contender = contender;
        this.steering = steering;
        Picker own = contender.pickers().apply(model, random.split());
        // A balancer below TLS counts connections, of which a bound on requests says nothing.
        boolean countsRequests = steering == Scenario.Steering.REQUESTS;
        this.picker = own instanceof Picker.BoundedLeast && !countsRequests ? new Picker.LeastOutstanding() : own;
        this.random = random;
        this.clock = clock;
    }

    void add(SimReplica replica) {
        replicas.add(replica);
        weights = Arrays.copyOf(weights, replicas.size());
        weights[replicas.size() - 1] = WeightDecision.FULL_WEIGHT;
    }

    /// Stops a replica; false if it is not here.
    boolean remove(String name) {
        for (int i = 0; i < replicas.size(); i++) {
            if (replicas.get(i).name.equals(name)) {
                SimReplica stopped = replicas.remove(i);
                int last = replicas.size();
                System.arraycopy(weights, i + 1, weights, i, last - i);
                weights = Arrays.copyOf(weights, last);
                stopped.stop();
                return true;
            }
        }
        return false;
    }

    void open() {
        if (steering == Scenario.Steering.CONNECTIONS) {
            for (int i = 0; i < CONNECTIONS_PER_REPLICA * replicas.size(); i++) {
                Connection connection = new Connection();
                connect(connection);
                connection.endsAt = clock.seconds() + random.nextDouble() * CONNECTION_SECONDS;
                connections.add(connection);
            }
        }
    }

    void weigh(Map<String, Integer> perReplica) {
        for (int i = 0; i < weights.length; i++) {
            weights[i] = perReplica.getOrDefault(replicas.get(i).name, WeightDecision.FULL_WEIGHT);
        }
        for (Connection connection : connections) {
            int index = replicas.indexOf(connection.to);
            if (index < 0 || weights[index] < DRAIN_BELOW * connection.weightAtStart) {
                // GOAWAY, jittered over two seconds so that the handshakes do not come all at once.
                connection.endsAt = Math.min(connection.endsAt, clock.seconds() + 2 * random.nextDouble());
            }
        }
    }

    /// Where the next request goes; null when no replica is ready.
    @Nullable
    SimReplica route() {
        // The oracle is a bound for all: it may always steer each request.
        if (steering == Scenario.Steering.REQUESTS || contender.role() == Contender.Role.ORACLE) {
            int picked = pick(false);
            return picked < 0 ? null : replicas.get(picked);
        }
        Connection connection = connections.get(random.nextInt(connections.size()));
        SimReplica to = connection.to;
        if (to == null || clock.seconds() >= connection.endsAt || !to.ready()) {
            connect(connection);
        }
        return connection.to;
    }

    private void connect(Connection connection) {
        connection.to = null;
        int picked = pick(true);
        if (picked >= 0) {
            connection.to = replicas.get(picked);
            connection.weightAtStart = weights[picked];
            connection.endsAt = clock.seconds() + CONNECTION_SECONDS * (0.5 + random.nextDouble());
        }
    }

    private int pick(boolean byConnections) {
        int[] usable = weights.clone();
        int[] outstanding = new int[usable.length];
        boolean any = false;
        for (int i = 0; i < usable.length; i++) {
            usable[i] = replicas.get(i).ready() ? usable[i] : 0;
            any |= usable[i] > 0;
            outstanding[i] = replicas.get(i).outstanding();
        }
        if (!any) {
            return anyReady();
        }
        if (contender.role() == Contender.Role.ORACLE) {
            return soonest();
        }
        if (byConnections) {
            // A balancer below TLS counts connections, it cannot see requests.
            Arrays.fill(outstanding, 0);
            connections.forEach(connection -> {
                int index = connection.to == null ? -1 : replicas.indexOf(connection.to);
                if (index >= 0) {
                    outstanding[index]++;
                }
            });
        }
        return picker.pick(usable, outstanding);
    }

    private int anyReady() {
        for (int i = 0; i < replicas.size(); i++) {
            if (replicas.get(i).ready()) {
                return i;
            }
        }
        return -1;
    }

    private int soonest() {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < replicas.size(); i++) {
            double forecast = replicas.get(i).ready() ? replicas.get(i).forecastMillis() : Double.POSITIVE_INFINITY;
            if (forecast < least) {
                best = i;
                least = forecast;
            }
        }
        return best;
    }
}
