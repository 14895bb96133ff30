package s3ml.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PagingWeightsTest {
    private final PagingWeights policy = new PagingWeights(BalanceConfig.defaults());

    private WeightDecision run(List<Host> hosts, int models, int from, int ticks, WeightDecision start, Feed feed) {
        WeightDecision decision = start;
        for (int t = from; t < from + ticks; t++) {
            Instant now = Fleets.START.plusSeconds(t);
            Map<String, HostReport> reports = feed.at(now, decision);
            decision = policy.decide(decision, new FleetView(now, hosts, reports, Fleets.profiles(models)));
        }
        return decision;
    }

    private interface Feed {
        Map<String, HostReport> at(Instant now, WeightDecision last);
    }

    private static Feed oneHot(List<Host> hosts, double paging) {
        return (now, last) -> {
            Map<String, HostReport> reports = Fleets.reports(hosts, now, 0, 40);
            reports.put("h0", Fleets.report(hosts.get(0), now, paging, 500));
            return reports;
        };
    }

    private static Feed calm(List<Host> hosts) {
        return (now, last) -> Fleets.reports(hosts, now, 0, 40);
    }

    @Test
    void all_hosts_start_with_full_weight() {
        List<Host> hosts = Fleets.hosts(3, 2);

        WeightDecision decision = run(hosts, 2, 0, 1, WeightDecision.none(), calm(hosts));

        assertThat(decision.replicaWeights().values()).containsOnly(WeightDecision.FULL_WEIGHT);
    }

    @Test
    void a_paging_host_with_one_replica_falls_to_the_floor_and_the_numbers_are_told() {
        List<Host> hosts = Fleets.hosts(4, 1);

        WeightDecision first = run(hosts, 1, 0, 1, WeightDecision.none(), oneHot(hosts, 5000));
        WeightDecision later = run(hosts, 1, 1, 40, first, oneHot(hosts, 5000));

        // By half a tick at most.
        assertThat(first.of("h0").orElseThrow().weight()).isEqualTo(0.5);
        assertThat(first.of("h0").orElseThrow().reasons()).contains(new Reason.PagingOver(5000, Fleets.THRESHOLD));
        assertThat(later.of("h0").orElseThrow().weight())
                .isEqualTo(policy.config().floor());
        assertThat(later.of("h1").orElseThrow().weight()).isEqualTo(1);
    }

    @Test
    void a_paging_host_with_several_replicas_parks_what_the_fleet_can_spare_instead() {
        List<Host> hosts = Fleets.hosts(4, 3);

        WeightDecision decision = run(hosts, 3, 0, 1, WeightDecision.none(), oneHot(hosts, 2000));

        HostDecision hot = decision.of("h0").orElseThrow();
        assertThat(hot.weight()).isEqualTo(1);
        assertThat(hot.active()).isEqualTo(2);
        assertThat(hot.reasons()).anyMatch(Reason.Parked.class::isInstance);
    }

    @Test
    void nothing_is_parked_when_the_rest_could_not_carry_the_load() {
        List<Host> hosts = Fleets.hosts(2, 2);
        // 40 a second at 20 ms is 0.8 of a replica: one of two cannot carry both.
        Feed busy = (now, last) -> {
            Map<String, HostReport> reports = new HashMap<>();
            hosts.forEach(host -> reports.put(host.name(), Fleets.report(host, now, 5000, 900, 40)));
            return reports;
        };

        WeightDecision decision = run(hosts, 2, 0, 20, WeightDecision.none(), busy);

        assertThat(decision.hosts().values()).allMatch(host -> host.active() == 2);
    }

    @Test
    void load_is_not_moved_to_hosts_that_could_not_carry_it() {
        List<Host> hosts = Fleets.hosts(4, 1);
        // 30 a second at 20 ms: four replicas at 0.6, so three of them cannot take all of the fourth's.
        Feed busy = (now, last) -> {
            Map<String, HostReport> reports = new HashMap<>();
            hosts.forEach(host -> reports.put(
                    host.name(), Fleets.report(host, now, host.name().equals("h0") ? 5000 : 0, 400, 30)));
            return reports;
        };

        WeightDecision decision = run(hosts, 1, 0, 60, WeightDecision.none(), busy);

        // 2.4 replicas' work at 0.65 takes 3.69 of them.
        assertThat(decision.of("h0").orElseThrow().weight()).isBetween(0.65, 0.75);
    }

    @Test
    void a_sick_host_takes_load_back_when_the_others_are_over_their_capacity() {
        List<Host> hosts = Fleets.hosts(4, 1);
        WeightDecision low = run(hosts, 1, 0, 40, WeightDecision.none(), oneHot(hosts, 5000));
        Feed flood = (now, last) -> {
            Map<String, HostReport> reports = new HashMap<>();
            hosts.forEach(host -> reports.put(
                    host.name(), Fleets.report(host, now, host.name().equals("h0") ? 5000 : 0, 400, 48)));
            return reports;
        };

        WeightDecision later = run(hosts, 1, 40, 20, low, flood);

        assertThat(low.of("h0").orElseThrow().weight())
                .isEqualTo(policy.config().floor());
        // 3.84 replicas' work: three cannot, whatever the fourth is like.
        assertThat(later.of("h0").orElseThrow().weight()).isGreaterThan(0.8);
    }

    @Test
    void a_host_that_calms_down_comes_back_slowly() {
        List<Host> hosts = Fleets.hosts(4, 1);
        WeightDecision low = run(hosts, 1, 0, 40, WeightDecision.none(), oneHot(hosts, 5000));

        WeightDecision soon = run(hosts, 1, 40, 1, low, calm(hosts));
        WeightDecision later = run(hosts, 1, 41, 30, soon, calm(hosts));

        assertThat(soon.of("h0").orElseThrow().weight())
                .isEqualTo(policy.config().floor());
        assertThat(later.of("h0").orElseThrow().weight()).isEqualTo(1);
    }

    @Test
    void paging_without_harm_only_holds_the_weight() {
        List<Host> hosts = Fleets.hosts(3, 1);
        Feed harmless = (now, last) -> Fleets.reports(hosts, now, 5000, 50);

        WeightDecision decision = run(hosts, 1, 0, 20, WeightDecision.none(), harmless);

        assertThat(decision.hosts().values()).allMatch(host -> host.weight() == 1);
        assertThat(decision.of("h0").orElseThrow().reasons()).anyMatch(Reason.PagingHarmless.class::isInstance);
    }

    @Test
    void a_model_whose_latency_paging_does_not_predict_is_not_judged_by_paging() {
        List<Host> hosts = Fleets.hosts(3, 1);
        ModelProfile deaf = new ModelProfile(
                "m0", Duration.ofMillis(200), Duration.ofMillis(20), 5000, new PagingFit.NotPredictive("rho 0.1"));

        WeightDecision decision = WeightDecision.none();
        for (int t = 0; t < 10; t++) {
            Instant now = Fleets.START.plusSeconds(t);
            Map<String, HostReport> reports = Fleets.reports(hosts, now, 50_000, 150);
            decision = policy.decide(decision, new FleetView(now, hosts, reports, Map.of("m0", deaf)));
        }

        assertThat(decision.hosts().values()).allMatch(host -> host.weight() == 1);
    }

    @Test
    void a_host_whose_reports_stop_goes_back_to_full_weight_and_says_why() {
        List<Host> hosts = Fleets.hosts(4, 1);
        WeightDecision low = run(hosts, 1, 0, 40, WeightDecision.none(), oneHot(hosts, 5000));
        Feed silent = (now, last) -> {
            Map<String, HostReport> reports = Fleets.reports(hosts, now, 0, 40);
            reports.remove("h0");
            return reports;
        };

        WeightDecision decision = run(hosts, 1, 40, 12, low, silent);

        assertThat(decision.of("h0").orElseThrow().weight()).isEqualTo(1);
        assertThat(decision.of("h0").orElseThrow().reasons()).contains(new Reason.ReportIgnored("no report"));
    }

    @Test
    void a_report_that_leaves_its_replicas_out_is_judged_by_paging_all_the_same() {
        List<Host> hosts = Fleets.hosts(4, 1);
        Feed silent = (now, last) -> {
            Map<String, HostReport> reports = Fleets.reports(hosts, now, 0, 40);
            PagingRates paging = new PagingRates(20_000, 20_000, 0, Fleets.TOTAL_PAGES);
            reports.put("h0", new HostReport("h0", now, paging, 0.4, 4, List.of()));
            return reports;
        };

        WeightDecision decision = run(hosts, 1, 0, 1, WeightDecision.none(), silent);

        assertThat(decision.of("h0").orElseThrow().weight()).isEqualTo(0.5);
    }

    @Test
    void relapses_double_the_patience() {
        List<Host> hosts = Fleets.hosts(4, 1);
        WeightDecision decision = run(hosts, 1, 0, 10, WeightDecision.none(), oneHot(hosts, 5000));
        Duration before = decision.of("h0").orElseThrow().memory().patience();

        decision = run(hosts, 1, 10, 6, decision, calm(hosts));
        decision = run(hosts, 1, 16, 1, decision, oneHot(hosts, 5000));

        assertThat(decision.of("h0").orElseThrow().memory().patience()).isEqualTo(before.multipliedBy(2));
    }
}
