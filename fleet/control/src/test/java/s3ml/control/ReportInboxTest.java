package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.HostReport;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;
import s3ml.wire.fleet.ReportReply;
import s3ml.wire.fleet.Scrape;

/// What agents are told of their replicas' shares of the load. Without a certificate the peer's name is empty, which is
/// the group here.
final class ReportInboxTest {
    private final ReportInbox inbox = new ReportInbox(Optional.of(""), InstantSource.system(), 1000);

    private static FleetConfig fleet(ReplicaConfig.Phase third) {
        return FleetConfig.newBuilder()
                .addModels(ModelConfig.newBuilder()
                        .setName("m")
                        .setObjectiveMillis(100)
                        .setServiceMillis(10)
                        .setWorkingSetPages(100))
                .addModels(ModelConfig.newBuilder()
                        .setName("other")
                        .setObjectiveMillis(100)
                        .setServiceMillis(10)
                        .setWorkingSetPages(100))
                .addHosts(HostConfig.newBuilder()
                        .setName("h1")
                        .addReplicas(replica("r1", ReplicaConfig.Phase.SERVING))
                        .addReplicas(replica("r2", ReplicaConfig.Phase.SERVING))
                        .addReplicas(replica("r3", third)))
                .addHosts(HostConfig.newBuilder()
                        .setName("h2")
                        .addReplicas(replica("r4", ReplicaConfig.Phase.SERVING))
                        .addReplicas(replica("o1", ReplicaConfig.Phase.SERVING).toBuilder()
                                .setModel("other")))
                .build();
    }

    private static ReplicaConfig replica(String name, ReplicaConfig.Phase phase) {
        return ReplicaConfig.newBuilder()
                .setName(name)
                .setModel("m")
                .setAddress("127.0.0.1")
                .setPort(1)
                .setMetricsPort(2)
                .setPhase(phase)
                .build();
    }

    /// The shares in the reply to a report, by replica; empty: named without one.
    private Map<String, Optional<Integer>> told(String host) {
        List<ReportReply> replies = new ArrayList<>();
        inbox.report(new StreamObserver<>() {
                    @Override
                    public void onNext(ReportReply reply) {
                        replies.add(reply);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        throw new AssertionError("the stream failed", failure);
                    }

                    @Override
                    public void onCompleted() {
                        // Nothing is waited for.
                    }
                })
                .onNext(HostReport.newBuilder().setHost(host).build());
        Map<String, Optional<Integer>> told = new LinkedHashMap<>();
        for (Scrape scrape : replies.getFirst().getScrapesList()) {
            told.put(scrape.getReplica(), scrape.hasShare() ? Optional.of(scrape.getShare()) : Optional.empty());
        }
        return told;
    }

    @Test
    void nothing_is_told_before_something_was_decided() {
        inbox.follow(fleet(ReplicaConfig.Phase.SERVING));

        assertThat(told("h1"))
                .containsOnly(
                        Map.entry("r1", Optional.empty()),
                        Map.entry("r2", Optional.empty()),
                        Map.entry("r3", Optional.empty()));
    }

    @Test
    void each_host_is_told_the_newest_shares_of_its_own_and_a_parked_replica_that_it_has_none() {
        inbox.follow(fleet(ReplicaConfig.Phase.SERVING));
        inbox.decided(Map.of("r1", 1000, "r2", 1000, "r3", 1000, "r4", 1000, "o1", 1000));
        inbox.decided(Map.of("r1", 250, "r2", 0, "r3", 1000, "r4", 750, "o1", 10));

        assertThat(told("h1"))
                .containsOnly(
                        Map.entry("r1", Optional.of(125_000)),
                        Map.entry("r2", Optional.of(0)),
                        Map.entry("r3", Optional.of(500_000)));
        assertThat(told("h2"))
                .containsOnly(Map.entry("r4", Optional.of(375_000)), Map.entry("o1", Optional.of(1_000_000)));
    }

    @Test
    void a_replica_that_starts_is_told_nothing_and_counts_nothing_and_one_that_ends_is_not_named() {
        Map<String, Integer> weights = Map.of("r1", 1000, "r2", 1000, "r3", 1000);

        inbox.follow(fleet(ReplicaConfig.Phase.STARTING));
        inbox.decided(weights);
        assertThat(told("h1")).containsEntry("r3", Optional.empty()).containsEntry("r1", Optional.of(500_000));
        inbox.follow(fleet(ReplicaConfig.Phase.SERVING));
        inbox.decided(weights);
        assertThat(told("h1")).containsEntry("r3", Optional.of(333_333)).containsEntry("r1", Optional.of(333_333));
        inbox.follow(fleet(ReplicaConfig.Phase.STARTING));
        assertThat(told("h1")).containsEntry("r3", Optional.empty());
        inbox.follow(fleet(ReplicaConfig.Phase.ENDING));
        inbox.decided(weights);
        assertThat(told("h1")).containsOnlyKeys("r1", "r2").containsEntry("r1", Optional.of(500_000));
    }

    @Test
    void a_change_of_the_fleet_changes_no_share_before_data_planes_have_it() {
        inbox.follow(fleet(ReplicaConfig.Phase.STARTING));
        inbox.decided(Map.of("r1", 1000, "r2", 1000, "r3", 1000));

        inbox.follow(fleet(ReplicaConfig.Phase.SERVING));

        assertThat(told("h1")).containsEntry("r3", Optional.empty()).containsEntry("r1", Optional.of(500_000));
    }

    @Test
    void each_tick_tells_agents_what_it_told_data_planes() {
        ControlLoop loop = new ControlLoop(inbox, new XdsSnapshots(1), InstantSource.system());
        loop.govern(fleet(ReplicaConfig.Phase.SERVING));
        assertThat(told("h2")).containsOnly(Map.entry("r4", Optional.empty()), Map.entry("o1", Optional.empty()));

        loop.tick();

        assertThat(told("h2"))
                .containsOnly(Map.entry("r4", Optional.of(250_000)), Map.entry("o1", Optional.of(1_000_000)));
    }
}
