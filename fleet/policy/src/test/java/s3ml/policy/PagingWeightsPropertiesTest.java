package s3ml.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Properties that hold for any fleet and any reports, over seeded random ones.
final class PagingWeightsPropertiesTest {
    private final BalanceConfig config = BalanceConfig.defaults();
    private final PagingWeights policy = new PagingWeights(config);

    private WeightDecision tick(
            WeightDecision last, int t, List<Host> hosts, int models, Map<String, HostReport> reports) {
        return policy.decide(last, new FleetView(Fleets.START.plusSeconds(t), hosts, reports, Fleets.profiles(models)));
    }

    private static Map<String, HostReport> arbitrary(List<Host> hosts, int t, SplittableRandom random) {
        Map<String, HostReport> reports = new HashMap<>();
        for (Host host : hosts) {
            if (random.nextInt(20) > 0) {
                reports.put(host.name(), Fleets.arbitrary(host, Fleets.START.plusSeconds(t), random));
            }
        }
        return reports;
    }

    @Test
    void weights_are_bounded_change_by_bounded_steps_and_every_model_keeps_its_least_share() {
        Fleets.seeded(100, random -> {
            int models = 1 + random.nextInt(4);
            List<Host> hosts = Fleets.hosts(1 + random.nextInt(12), models);
            WeightDecision last = WeightDecision.none();
            for (int t = 0; t < 60; t++) {
                WeightDecision next = tick(last, t, hosts, models, arbitrary(hosts, t, random));
                for (HostDecision host : next.hosts().values()) {
                    assertThat(host.weight()).isBetween(config.floor(), 1.0);
                    double before =
                            last.of(host.host()).map(HostDecision::weight).orElse(1.0);
                    assertThat(host.weight())
                            .isBetween(before / 2 - 1e-9, Math.max(2 * before, before + config.riseStep()) + 1e-9);
                }
                for (int m = 0; m < models; m++) {
                    assertLeastShare(next, "m" + m);
                }
                last = next;
            }
        });
    }

    private void assertLeastShare(WeightDecision decision, String model) {
        double sum = 0;
        int active = 0;
        int replicas = 0;
        for (HostDecision host : decision.hosts().values()) {
            for (HostDecision.ReplicaDecision replica : host.replicas()) {
                if (replica.model().equals(model)) {
                    replicas++;
                    active += replica.active() ? 1 : 0;
                    sum += replica.weight();
                }
            }
        }
        assertThat(active).isGreaterThanOrEqualTo((int) Math.ceil(config.minActiveShare() * replicas));
        assertThat(sum).isGreaterThanOrEqualTo(config.minShare() * active - 1e-9);
    }

    @Test
    void more_paging_never_means_more_weight() {
        Fleets.seeded(200, random -> {
            int models = 1 + random.nextInt(3);
            List<Host> hosts = Fleets.hosts(3 + random.nextInt(6), models);
            WeightDecision last = WeightDecision.none();
            for (int t = 0; t < random.nextInt(30); t++) {
                last = tick(last, t, hosts, models, arbitrary(hosts, t, random));
            }
            Map<String, HostReport> base = Fleets.reports(hosts, Fleets.START.plusSeconds(30), 0, 150);
            double worst = Double.POSITIVE_INFINITY;
            for (double paging = 0; paging <= 8 * Fleets.THRESHOLD; paging += 100) {
                base.put("h1", Fleets.report(hosts.get(1), Fleets.START.plusSeconds(30), paging, 150));
                double got = load(tick(last, 30, hosts, models, base).of("h1").orElseThrow());
                assertThat(got).isLessThanOrEqualTo(worst + 1e-9);
                worst = got;
            }
        });
    }

    private static double load(HostDecision host) {
        return host.weight() * host.active();
    }

    @Test
    void a_step_of_paging_does_not_make_weights_oscillate() {
        Fleets.seeded(50, random -> {
            List<Host> hosts = Fleets.hosts(6, 1);
            int step = 10 + random.nextInt(20);
            double after = Fleets.THRESHOLD * (1.5 + random.nextDouble() * 10);
            WeightDecision last = WeightDecision.none();
            int turns = 0;
            double direction = 0;
            for (int t = 0; t < 200; t++) {
                Instant now = Fleets.START.plusSeconds(t);
                Map<String, HostReport> reports = Fleets.reports(hosts, now, 0, 40);
                // The antagonist pages alike whatever load our host gets.
                double noise = 0.9 + random.nextDouble() * 0.2;
                reports.put("h2", Fleets.report(hosts.get(2), now, t < step ? 0 : after * noise, t < step ? 40 : 800));
                WeightDecision next = tick(last, t, hosts, 1, reports);
                double change = next.of("h2").orElseThrow().weight()
                        - last.of("h2").map(HostDecision::weight).orElse(1.0);
                if (change * direction < 0) {
                    turns++;
                }
                direction = change == 0 ? direction : change;
                last = next;
            }
            assertThat(turns).isZero();
            assertThat(last.of("h2").orElseThrow().weight()).isEqualTo(config.floor());
        });
    }

    @Test
    void paging_that_follows_our_own_load_is_probed_ever_more_rarely() {
        // The host pages exactly when it gets more than a third of its load: any policy must probe; ours backs off.
        List<Host> hosts = Fleets.hosts(6, 1);
        WeightDecision last = WeightDecision.none();
        int[] falls = new int[4];
        for (int t = 0; t < 400; t++) {
            Instant now = Fleets.START.plusSeconds(t);
            double weight = last.of("h2").map(HostDecision::weight).orElse(1.0);
            Map<String, HostReport> reports = Fleets.reports(hosts, now, 0, 40);
            reports.put("h2", Fleets.report(hosts.get(2), now, weight > 0.33 ? 3000 : 0, weight > 0.33 ? 600 : 40));
            WeightDecision next = tick(last, t, hosts, 1, reports);
            if (next.of("h2").orElseThrow().weight() < weight) {
                falls[t / 100]++;
            }
            last = next;
        }

        assertThat(falls[3]).isLessThanOrEqualTo(2);
        assertThat(falls[3]).isLessThan(falls[0]);
    }

    @Test
    void a_lying_host_draws_no_more_than_its_bounded_share_and_costs_only_latency() {
        Fleets.seeded(50, random -> {
            int n = 8 + random.nextInt(20);
            List<Host> hosts = Fleets.hosts(n, 1);
            WeightDecision last = WeightDecision.none();
            for (int t = 0; t < 80; t++) {
                Instant now = Fleets.START.plusSeconds(t);
                // All others look dreadful, and the liar claims to be idle and quick.
                Map<String, HostReport> reports = Fleets.reports(hosts, now, 20_000, 2000);
                reports.put("h0", Fleets.report(hosts.get(0), now, 0, 1, 0));
                last = tick(last, t, hosts, 1, reports);
            }
            double total = 0;
            for (HostDecision host : last.hosts().values()) {
                total += host.replicas().get(0).weight();
            }
            double share = last.of("h0").orElseThrow().replicas().get(0).weight() / total;
            assertThat(share).isLessThanOrEqualTo(1 / (config.minShare() * n) + 1e-9);
            assertThat(last.replicaWeights().values()).allMatch(weight -> weight >= 1);
        });
    }

    @Test
    void no_capacity_stays_parked_on_calm_hosts_while_its_model_lacks_it() {
        Fleets.seeded(50, random -> {
            int models = 2 + random.nextInt(2);
            List<Host> hosts = Fleets.hosts(4 + random.nextInt(5), models);
            WeightDecision last = WeightDecision.none();
            for (int t = 0; t < 30; t++) {
                last = tick(last, t, hosts, models, Fleets.reports(hosts, Fleets.START.plusSeconds(t), 4000, 500));
            }
            for (int t = 30; t < 40; t++) {
                Map<String, HostReport> reports = new HashMap<>();
                for (Host host : hosts) {
                    reports.put(host.name(), Fleets.report(host, Fleets.START.plusSeconds(t), 0, 100, 45));
                }
                last = tick(last, t, hosts, models, reports);
            }
            assertThat(last.hosts().values())
                    .allMatch(host -> host.active() == host.replicas().size());
        });
    }
}
