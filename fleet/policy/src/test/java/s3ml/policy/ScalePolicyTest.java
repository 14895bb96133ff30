package s3ml.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ScalePolicyTest {
    private final PagingScaler scaler = new PagingScaler(ScaleConfig.defaults(), Duration.ofSeconds(5));

    private static Host host(int h, int replicas) {
        List<Host.Replica> all = new ArrayList<>();
        for (int r = 0; r < replicas; r++) {
            all.add(new Host.Replica("h" + h + "-" + r, "m0"));
        }
        return new Host("h" + h, all);
    }

    private static HostReport report(Host host, Instant at, double paging, long free, double arrivals) {
        List<ReplicaReport> replicas = new ArrayList<>();
        for (Host.Replica replica : host.replicas()) {
            replicas.add(new ReplicaReport(replica.name(), "m0", arrivals, 1, Duration.ofMillis(50)));
        }
        return new HostReport(
                host.name(), at, new PagingRates(paging, paging, free, Fleets.TOTAL_PAGES), 0.5, 4, replicas);
    }

    private ScaleDecision.ModelScale decide(ScaleDecision before, int second, List<Host> hosts, Reports reports) {
        return tick(before, second, hosts, reports).of("m0").orElseThrow();
    }

    private ScaleDecision tick(ScaleDecision before, int second, List<Host> hosts, Reports reports) {
        Instant now = Fleets.START.plusSeconds(second);
        Map<String, HostReport> all = new HashMap<>();
        hosts.forEach(host -> all.put(host.name(), reports.of(host, now)));
        FleetView fleet = new FleetView(now, hosts, all, Fleets.profiles(1));
        WeightDecision weights = new PagingWeights(BalanceConfig.defaults()).decide(WeightDecision.none(), fleet);
        return scaler.decide(before, fleet, weights);
    }

    private interface Reports {
        HostReport of(Host host, Instant now);
    }

    @Test
    void rising_demand_starts_replicas_where_EPC_is_free() {
        List<Host> hosts = List.of(host(0, 1), host(1, 0), host(2, 0));

        // 60 a second at 20 ms and a target of 0.65 need 1.85 replicas.
        ScaleDecision.ModelScale scale = decide(
                ScaleDecision.none(),
                0,
                hosts,
                (h, now) -> report(h, now, 0, h.name().equals("h1") ? 100 : 18_000, 60));

        assertThat(scale.actions()).containsExactly(new ScaleDecision.Action.Start("h2"));
    }

    @Test
    void nothing_is_started_when_no_host_has_room_and_the_reason_is_told() {
        List<Host> hosts = List.of(host(0, 1), host(1, 0));

        ScaleDecision.ModelScale scale = decide(ScaleDecision.none(), 0, hosts, (h, now) -> report(h, now, 0, 100, 90));

        assertThat(scale.actions()).isEmpty();
        assertThat(scale.reasons()).anyMatch(Reason.Withheld.class::isInstance);
    }

    @Test
    void paging_where_the_load_is_scales_out_even_at_low_demand() {
        List<Host> hosts = List.of(host(0, 1), host(1, 0));

        ScaleDecision.ModelScale scale = decide(
                ScaleDecision.none(),
                0,
                hosts,
                (h, now) -> report(h, now, h.name().equals("h0") ? 4000 : 0, 15_000, 5));

        assertThat(scale.actions()).containsExactly(new ScaleDecision.Action.Start("h1"));
    }

    @Test
    void two_scale_outs_keep_the_cooldown() {
        List<Host> hosts = List.of(host(0, 1), host(1, 0), host(2, 0));
        Reports busy = (h, now) -> report(h, now, 0, 18_000, 200);

        ScaleDecision first = tick(ScaleDecision.none(), 0, hosts, busy);
        ScaleDecision second = tick(first, 2, hosts, busy);
        ScaleDecision third = tick(second, 6, hosts, busy);

        assertThat(first.of("m0").orElseThrow().actions()).isNotEmpty();
        assertThat(second.of("m0").orElseThrow().actions()).isEmpty();
        assertThat(third.of("m0").orElseThrow().actions()).isNotEmpty();
    }

    @Test
    void scaling_in_waits_for_its_cooldown_and_never_passes_the_least() {
        List<Host> hosts = List.of(host(0, 2), host(1, 2));
        Reports idle = (h, now) -> report(h, now, 0, 15_000, 1);
        ScaleDecision decision = ScaleDecision.none();
        int stoppedAt = -1;
        for (int second = 0; second < 70 && stoppedAt < 0; second++) {
            decision = tick(decision, second, hosts, idle);
            stoppedAt = decision.of("m0").orElseThrow().actions().isEmpty() ? -1 : second;
        }

        assertThat(stoppedAt).isEqualTo(60);
        assertThat(decide(decision, 400, List.of(host(0, 1)), idle).actions()).isEmpty();
    }

    @Test
    void decisions_ignore_absurd_reports() {
        List<Host> hosts = List.of(host(0, 1), host(1, 0));

        ScaleDecision.ModelScale scale =
                decide(ScaleDecision.none(), 0, hosts, (h, now) -> report(h, now, 1e9, 18_000, 1e5));

        assertThat(scale.actions()).isEmpty();
    }

    @Test
    void the_baseline_follows_processor_use_with_a_tolerance() {
        UtilisationScaler hpa = new UtilisationScaler(ScaleConfig.defaults(), UtilisationScaler.Signal.CPU);
        List<Host> hosts = List.of(host(0, 1), host(1, 0));
        Map<String, HostReport> reports = new HashMap<>();
        Instant now = Fleets.START;
        hosts.forEach(h -> reports.put(
                h.name(),
                new HostReport(
                        h.name(), now, null, 0.95, 1, report(h, now, 0, 1, 5).replicas())));
        FleetView fleet = new FleetView(now, hosts, reports, Fleets.profiles(1));

        ScaleDecision decision =
                hpa.decide(ScaleDecision.none(), fleet, new EqualWeights().decide(WeightDecision.none(), fleet));

        assertThat(decision.of("m0").orElseThrow().actions()).containsExactly(new ScaleDecision.Action.Start("h1"));
    }
}
