package s3ml.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportVettingTest {
    private final ReportVetting vetting = new ReportVetting(Duration.ofSeconds(5));
    private final Host host = Fleets.hosts(1, 1).get(0);
    private final HostReport good = Fleets.report(host, Fleets.START, 10, 20);

    private String fault(HostReport report) {
        return switch (vetting.vet(host, report, Fleets.START)) {
            case ReportVetting.Vetted.Usable usable -> "";
            case ReportVetting.Vetted.Ignored ignored -> ignored.why();
        };
    }

    private HostReport withPaging(PagingRates paging) {
        return new HostReport("h0", Fleets.START, paging, 0.5, 4, List.of());
    }

    private HostReport withReplica(ReplicaReport replica) {
        return new HostReport("h0", Fleets.START, null, 0.5, 4, List.of(replica));
    }

    @Test
    void a_plausible_report_is_used() {
        assertThat(fault(good)).isEmpty();
    }

    @Test
    void a_missing_report_is_ignored() {
        assertThat(vetting.vet(host, null, Fleets.START)).isEqualTo(new ReportVetting.Vetted.Ignored("no report"));
    }

    @Test
    void a_report_in_the_name_of_another_host_is_ignored() {
        assertThat(fault(new HostReport("h9", Fleets.START, null, 0.5, 4, List.of())))
                .contains("another host");
    }

    @Test
    void a_stale_report_is_ignored_and_one_just_in_time_is_not() {
        Instant limit = Fleets.START.minusSeconds(5);

        assertThat(fault(Fleets.report(host, limit, 0, 1))).isEmpty();
        assertThat(fault(Fleets.report(host, limit.minusMillis(1), 0, 1))).contains("stale");
    }

    @Test
    void a_report_from_the_future_is_ignored() {
        assertThat(fault(Fleets.report(host, Fleets.START.plusSeconds(60), 0, 1)))
                .contains("future");
    }

    @Test
    void impossible_paging_is_ignored() {
        assertThat(fault(withPaging(new PagingRates(Double.NaN, 0, 1, 2)))).contains("paging");
        assertThat(fault(withPaging(new PagingRates(-1, 0, 1, 2)))).contains("paging");
        assertThat(fault(withPaging(new PagingRates(1e6, 0, 1, 2)))).contains("paging");
        assertThat(fault(withPaging(new PagingRates(0, 0, 3, 2)))).contains("EPC");
        assertThat(fault(withPaging(new PagingRates(0, 0, 0, 0)))).contains("EPC");
        assertThat(fault(withPaging(new PagingRates(63_600, 63_600, 0, 23_936))))
                .isEmpty();
    }

    @Test
    void impossible_replica_figures_are_ignored() {
        assertThat(fault(withReplica(new ReplicaReport("h0-m0", "m0", Double.NaN, 0, Duration.ZERO))))
                .isNotEmpty();
        assertThat(fault(withReplica(new ReplicaReport("h0-m0", "m0", 1, -1, Duration.ZERO))))
                .isNotEmpty();
        assertThat(fault(withReplica(new ReplicaReport("h0-m0", "m0", 1, 0, Duration.ofDays(1)))))
                .isNotEmpty();
        assertThat(fault(withReplica(new ReplicaReport("h0-m0", "m0", 1, 0, Duration.ZERO))))
                .isEmpty();
    }

    @Test
    void a_replica_reported_twice_is_ignored() {
        ReplicaReport replica = new ReplicaReport("h0-m0", "m0", 1, 0, Duration.ZERO);

        assertThat(fault(new HostReport("h0", Fleets.START, null, 0.5, 4, List.of(replica, replica))))
                .contains("twice");
    }
}
