package s3ml.sim.aecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.aecs.AecsConfig;
import s3ml.aecs.AecsProcess;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Lease;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.NamedEnclave;
import s3ml.wire.aecs.SetReplicaPolicy;
import s3ml.wire.aecs.ShowAecs;

/// Several replicas of one AECS over one store.
final class ReplicaTest {
    private static final EnclaveIdentity STRANGER = NamedEnclave.identity("another build of the aecs", 2, false);

    @TempDir
    private Path folder = Path.of(".");

    private AecsRig rig;

    @BeforeEach
    void start() {
        rig = new AecsRig(folder).withService();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void allow(EnclaveIdentity identity) {
        long version = rig.command(rig.admin, command -> command.setShowAecs(ShowAecs.getDefaultInstance()))
                .getVersion();
        AecsRig.done(rig.command(
                rig.admin,
                command -> command.setExpectedVersion(version)
                        .setSetReplicaPolicy(SetReplicaPolicy.newBuilder()
                                .setPolicyJson(ByteString.copyFromUtf8(rig.policyFor(identity))))));
    }

    private AecsConfig replicaConfig(boolean acceptSigner) {
        AecsConfig own = rig.config();
        return new AecsConfig(
                own.listen(),
                own.store(),
                folder.resolve("second.root"),
                own.bootstrap(),
                own.pccs(),
                own.times(),
                new AecsConfig.Replicas(List.of(new Endpoint("127.0.0.1", rig.process.port())), acceptSigner));
    }

    @Test
    void a_second_replica_gets_the_root_by_mutual_attestation_and_serves_the_same_keys() {
        allow(AecsRig.AECS);

        try (AecsProcess second = rig.start(AecsRig.AECS, replicaConfig(false));
                Lease one = rig.enclave(AecsRig.SERVER).release("detector");
                Lease two =
                        rig.enclave(AecsRig.SERVER, rig.channel(second.port())).renew(one)) {
            assertThat(two.ticketKeys().getFirst().name())
                    .isEqualTo(one.ticketKeys().getFirst().name());
            assertThat(rig.channel(second.port()).attested().instanceId())
                    .isEqualTo(rig.channel().attested().instanceId());
        }
        assertThat(rig.auditText()).contains("replica-joined");
    }

    @Test
    void a_change_at_one_replica_binds_the_other_at_once() {
        allow(AecsRig.AECS);
        try (AecsProcess second = rig.start(AecsRig.AECS, replicaConfig(false))) {
            AecsRig.done(rig.setPolicy(1, rig.policyFor(STRANGER)));

            assertThatThrownBy(() -> rig.enclave(AecsRig.SERVER, rig.channel(second.port()))
                            .release("detector"))
                    .hasMessageContaining("AECS-210");
        }
    }

    @Test
    void a_replica_that_the_replica_policy_does_not_accept_gets_nothing() {
        allow(STRANGER);

        assertNeedsRecovery(rig.start(AecsRig.AECS, replicaConfig(false)));
        assertThat(rig.auditText()).contains("join-refused").contains("ATT-151");
    }

    @Test
    void without_a_replica_policy_nobody_joins() {
        assertNeedsRecovery(rig.start(AecsRig.AECS, replicaConfig(false)));
    }

    @Test
    void a_replica_that_nobody_let_in_joins_by_itself_once_the_admins_allow_it() throws InterruptedException {
        try (AecsProcess second = rig.start(AecsRig.AECS, replicaConfig(false))) {
            assertThat(second.recovering()).isTrue();

            allow(AecsRig.AECS);

            Instant end = Instant.now().plusSeconds(60);
            while (second.recovering() && Instant.now().isBefore(end)) {
                Thread.sleep(50);
            }
            assertThat(second.recovering()).isFalse();
            assertThat(rig.channel(second.port()).attested().instanceId())
                    .isEqualTo(rig.channel().attested().instanceId());
        }
    }

    @Test
    void callers_fail_over_from_a_replica_that_waits_for_recovery_and_from_one_of_another_build() {
        try (AecsProcess waiting = rig.start(AecsRig.AECS, replicaConfig(false));
                AecsProcess other = rig.start(STRANGER, replicaConfig(false))) {
            assertThat(waiting.recovering()).isTrue();

            AecsChannel channel = rig.channel(other.port(), waiting.port(), rig.process.port());

            assertThat(channel.attested().instanceId())
                    .isEqualTo(rig.channel().attested().instanceId());
        }
    }

    @Test
    void another_build_does_not_take_the_root_from_a_giver_it_does_not_know() {
        allow(STRANGER);

        assertNeedsRecovery(rig.start(STRANGER, replicaConfig(false)));
        assertThat(rig.auditText()).contains("peer-gave-nothing").contains("PRO-130");
    }

    @Test
    void a_new_build_of_the_same_signer_joins_when_both_sides_say_so() {
        allow(STRANGER);

        try (AecsProcess upgraded = rig.start(STRANGER, replicaConfig(true))) {
            assertThat(upgraded.recovering()).isFalse();
        }
    }

    private static void assertNeedsRecovery(AecsProcess process) {
        try (process) {
            assertThat(process.recovering()).isTrue();
        }
    }

    @Test
    void a_replica_without_store_and_peers_does_not_make_a_new_aecs_by_itself() {
        AecsConfig config = replicaConfig(false);
        AecsConfig lonely = new AecsConfig(
                config.listen(),
                new AecsConfig.SqliteStore(folder.resolve("empty.db")),
                folder.resolve("third.root"),
                config.bootstrap(),
                config.pccs(),
                config.times(),
                new AecsConfig.Replicas(List.of(new Endpoint("127.0.0.1", 1)), false));

        assertThatThrownBy(() -> rig.start(AecsRig.AECS, lonely))
                .isInstanceOf(S3mlException.class)
                .hasMessageContaining("AECS-105");
    }
}
