package s3ml.policy;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Demand and active capacity per model during one tick, so that hosts decided one after the other do not all park the
/// same model.
final class ModelAccounts {
    /// Above this utilisation a model wants its parked replicas back from calm hosts.
    static final double WANTED = 0.85;
    /// Load is not moved to replicas beyond this utilisation.
    static final double CARRIES = 0.65;
    /// Above this utilisation queues grow without end.
    static final double OVERLOADED = 1;

    private final Map<String, Account> accounts = new HashMap<>();
    private final BalanceConfig config;

    private static final class Account {
        private double arrivals;
        private double weight;
        private double largest;
        private int active;
        private int replicas;
        private double serviceSeconds = Double.NaN;
    }

    ModelAccounts(BalanceConfig config, WeightDecision previous, FleetView fleet) {
        this.config = config;
        for (Host host : fleet.hosts()) {
            HostDecision decision = previous.hosts().get(host.name());
            for (int i = 0; i < host.replicas().size(); i++) {
                Host.Replica replica = host.replicas().get(i);
                count(replica, decision == null ? null : decision.find(replica.name(), i), fleet);
            }
        }
    }

    private void count(Host.Replica replica, HostDecision.@Nullable ReplicaDecision before, FleetView fleet) {
        Account account = accounts.computeIfAbsent(replica.model(), key -> new Account());
        ModelProfile profile = fleet.profiles().get(replica.model());
        if (profile != null) {
            account.serviceSeconds = profile.serviceSeconds();
        }
        account.replicas++;
        if (before == null || before.active()) {
            account.active++;
            double weight = before == null ? 1 : before.weight();
            account.weight += weight;
            account.largest = Math.max(account.largest, weight);
        }
    }

    /// Only relative weights matter: when all replicas of a model have the same small weight, each carries its full
    /// load.
    private static double capacity(Account account) {
        return account.largest > 0 ? account.weight / account.largest : 0;
    }

    /// Arrivals as a host reports them; more than twice what a replica can answer is a queue without end or a lie, and
    /// counts no further.
    void arrived(String model, double perSecond) {
        Account account = accounts.get(model);
        if (account != null) {
            account.arrivals +=
                    account.serviceSeconds > 0 ? Math.min(perSecond, 2 / account.serviceSeconds) : perSecond;
        }
    }

    /// Utilisation of the model's active replicas, each a server of rate 1 / service time.
    double utilisation(String model) {
        Account account = accounts.get(model);
        return account == null ? Double.NaN : account.arrivals * account.serviceSeconds / capacity(account);
    }

    /// Utilisation if an active replica of this weight were parked; NaN when it must stay.
    double utilisationWithout(String model, double weight) {
        Account account = accounts.get(model);
        if (account == null) {
            return Double.NaN;
        }
        double least = Math.max(1, config.minActiveShare() * account.replicas);
        double rest = capacity(account) - (account.largest > 0 ? weight / account.largest : 0);
        if (account.active - 1 < least || rest <= 1e-6) {
            return Double.NaN;
        }
        double utilisation = account.arrivals * account.serviceSeconds / rest;
        return utilisation <= config.parkUtilisation() ? utilisation : Double.NaN;
    }

    /// The least weight at which a replica of this weight may be left, so that the model's other replicas do not carry
    /// more than they can; 0 when they can do without it.
    double leastWeight(String model, double weight, double utilisation) {
        Account account = accounts.get(model);
        if (account == null || !(account.arrivals * account.serviceSeconds > 0) || account.largest <= 0) {
            return 0;
        }
        double others = account.weight - weight;
        double needed = account.arrivals * account.serviceSeconds / utilisation * account.largest;
        return Math.clamp(needed - others, 0, account.largest);
    }

    /// The weight of an active replica has changed.
    void moved(String model, double from, double to) {
        Account account = accounts.get(model);
        if (account != null) {
            account.weight += to - from;
        }
    }

    void parked(String model, double weight) {
        Account account = accounts.get(model);
        if (account != null) {
            account.active--;
            account.weight -= weight;
        }
    }

    void activated(String model) {
        Account account = accounts.get(model);
        if (account != null) {
            account.active++;
            account.largest = account.largest > 0 ? account.largest : 1;
            // It will ramp up to its share.
            account.weight += account.largest;
        }
    }
}
