package s3ml.sim.aecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.Digest;
import s3ml.attest.ReportData;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.Lease;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.NamedEnclave;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.ListDenials;
import s3ml.wire.aecs.RaiseEpoch;
import s3ml.wire.aecs.ReleaseClaims;
import s3ml.wire.aecs.ReleaseRequest;
import s3ml.wire.aecs.RevokeMeasurement;
import s3ml.wire.aecs.ShowService;

/// Who gets keys, who does not, and what each of them learns.
final class KeyReleaseTest {
    private static final EnclaveIdentity OTHER = NamedEnclave.identity("another server", 1, false);
    private static final EnclaveIdentity DEBUG = NamedEnclave.identity("server", 1, true);

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

    private Lease release() {
        return rig.enclave(AecsRig.SERVER).release("detector");
    }

    private void refused(Runnable call, String code) {
        assertThatThrownBy(call::run)
                .message()
                .contains(code)
                .doesNotContain("mrEnclave")
                .doesNotContain("expected");
    }

    @Test
    void the_accepted_enclave_gets_tls_ticket_hpke_and_model_keys() {
        try (Lease lease = release()) {
            assertThat(lease.models()).hasSize(1);
            assertThat(lease.ticketKeys()).hasSize(2);
            assertThat(lease.hpkeKeys()).hasSize(2);
            assertThat(lease.tls().chain()).hasSize(2);
            assertThat(lease.tls().chain().getFirst().getSubjectX500Principal().getName())
                    .contains("SIMULATED");
            assertThat(lease.simulated()).isTrue();
            assertThat(lease.policyEpoch()).isEqualTo(1);
        }
        assertThat(rig.auditText()).contains("\"event\":\"released\"").contains("SIMULATED");
    }

    @Test
    void replicas_share_ticket_keys_but_not_their_tls_keys() {
        try (Lease one = release();
                Lease two = release()) {
            assertThat(one.ticketKeys().getFirst().name())
                    .isEqualTo(two.ticketKeys().getFirst().name());
            assertThat(one.tls().chain().getFirst())
                    .isNotEqualTo(two.tls().chain().getFirst());
            assertThat(one.tls().chain().getLast()).isEqualTo(two.tls().chain().getLast());
        }
    }

    @Test
    void another_measurement_is_denied_and_only_the_admin_learns_why() {
        refused(() -> rig.enclave(OTHER).release("detector"), "AECS-210");

        var denials = rig.command(
                rig.owner,
                command -> command.setListDenials(ListDenials.newBuilder().setService("detector")));
        assertThat(denials.getDenialsList()).hasSize(1);
        assertThat(denials.getDenials(0).getFindings(0)).contains("ATT-151");
        assertThat(rig.auditText()).contains("release-refused").contains("ATT-151");
    }

    @Test
    void a_debug_enclave_is_denied() {
        refused(() -> rig.enclave(DEBUG).release("detector"), "AECS-210");
    }

    @Test
    void a_service_without_policy_trusts_nobody() {
        AecsRig.done(rig.command(
                rig.admin,
                command -> command.getCreateServiceBuilder()
                        .setService("fresh")
                        .setServiceAdminKey(
                                ByteString.copyFrom(rig.owner.getPublic().getEncoded()))
                        .addNames("fresh.example")));

        refused(() -> rig.enclave(AecsRig.SERVER).release("fresh"), "AECS-210");
    }

    @Test
    void an_unknown_service_is_denied_like_any_other() {
        refused(() -> rig.enclave(AecsRig.SERVER).release("nowhere"), "AECS-210");
        refused(() -> rig.enclave(AecsRig.SERVER).release("No/Where"), "AECS-210");
    }

    @Test
    void simulated_evidence_is_denied_by_a_policy_that_does_not_allow_it() {
        String policy = rig.policyFor(AecsRig.SERVER).replace("\"allowSimulated\":true", "\"allowSimulated\":false");
        AecsRig.done(rig.setPolicy(1, policy));

        refused(() -> release(), "AECS-210");
    }

    @Test
    void a_renewed_lease_replaces_the_old_one() {
        try (Lease first = release();
                Lease second = rig.enclave(AecsRig.SERVER).renew(first)) {
            assertThat(second.serial()).isNotEqualTo(first.serial());

            var shown = rig.command(
                    rig.owner,
                    command -> command.setShowService(ShowService.newBuilder().setService("detector")));
            assertThat(shown.getServices(0).getLeasesList())
                    .extracting(lease -> lease.getSerial())
                    .containsExactly(second.serial());
        }
    }

    @Test
    void an_expired_lease_is_swept_and_its_holder_gets_a_new_one_by_fresh_evidence() {
        try (Lease first = release()) {
            rig.pass(Duration.ofHours(2));

            try (Lease second = rig.enclave(AecsRig.SERVER).renew(first)) {
                assertThat(second.issuedAt()).isAfter(first.expiresAt());
            }
        }
    }

    @Test
    void an_outdated_enclave_keeps_its_keys_until_its_lease_ends_and_gets_no_new_one() {
        try (Lease lease = release()) {
            AecsRig.done(rig.setPolicy(1, rig.policyFor(OTHER)));

            refused(() -> rig.enclave(AecsRig.SERVER).renew(lease), "AECS-210");
        }
    }

    @Test
    void with_now_an_outdated_enclave_is_told_to_drop_its_keys_at_the_next_renewal() {
        try (Lease lease = release()) {
            AecsRig.done(rig.setPolicy(1, rig.policyFor(OTHER)));
            AecsRig.done(rig.command(
                    rig.owner,
                    command -> command.setExpectedVersion(2)
                            .setRaiseEpoch(RaiseEpoch.newBuilder()
                                    .setService("detector")
                                    .setNow(true))));

            refused(() -> rig.enclave(AecsRig.SERVER).renew(lease), "AECS-211");
        }
    }

    @Test
    void a_raised_epoch_changes_nothing_for_enclaves_that_the_policy_still_accepts() {
        try (Lease lease = release()) {
            AecsRig.done(rig.command(
                    rig.owner,
                    command -> command.setExpectedVersion(1)
                            .setRaiseEpoch(RaiseEpoch.newBuilder()
                                    .setService("detector")
                                    .setNow(true))));

            try (Lease renewed = rig.enclave(AecsRig.SERVER).renew(lease)) {
                assertThat(renewed.policyEpoch()).isEqualTo(2);
            }
        }
    }

    @Test
    void a_revoked_measurement_is_told_to_drop_its_keys() {
        try (Lease lease = release()) {
            long version = rig.command(
                            rig.owner,
                            command -> command.setShowService(
                                    ShowService.newBuilder().setService("detector")))
                    .getVersion();
            AecsRig.done(rig.command(
                    rig.owner,
                    command -> command.setExpectedVersion(version)
                            .setRevokeMeasurement(RevokeMeasurement.newBuilder()
                                    .setService("detector")
                                    .setMeasurement(ByteString.copyFrom(AecsRig.SERVER.measurement())))));

            refused(() -> rig.enclave(AecsRig.SERVER).renew(lease), "AECS-211");
            refused(() -> release(), "AECS-211");
        }
    }

    @Test
    void without_collateral_nobody_gets_keys_and_the_service_recovers_with_it() {
        AecsChannel channel = rig.channel();
        channel.attested();
        rig.whileAppraising = () -> {
            throw new S3mlException("ATT-999", "no collateral", "the test took it away", "wait");
        };
        assertThatThrownBy(() -> rig.enclave(AecsRig.SERVER, channel).release("detector"))
                .hasMessageContaining("AECS-230");

        rig.whileAppraising = () -> {};
        try (Lease lease = release()) {
            assertThat(lease.models()).hasSize(1);
        }
    }

    @Test
    void a_policy_that_changes_while_the_evidence_is_appraised_counts() {
        rig.whileAppraising = () -> {
            rig.whileAppraising = () -> {};
            AecsRig.done(rig.setPolicy(1, rig.policyFor(OTHER)));
        };

        refused(() -> release(), "AECS-210");
    }

    private ReleaseRequest request(ByteString nonce, HpkeKeyPair key, EnclaveIdentity identity) {
        byte[] claims = ReleaseClaims.newBuilder()
                .setNonce(nonce)
                .setService("detector")
                .setHpkePublicKey(key.publicKey())
                .build()
                .toByteArray();
        byte[] evidence = new NamedEnclave(rig.platform, identity, EvidenceKind.SGX_V3)
                .issue(ReportData.ofDigest(Digest.of(claims)));
        return ReleaseRequest.newBuilder()
                .setEvidence(ByteString.copyFrom(evidence))
                .setClaims(ByteString.copyFrom(claims))
                .build();
    }

    private void send(ReleaseRequest request) {
        assertThat(rig.channel()
                        .call((calls, aecs) ->
                                KeyReleaseGrpc.newBlockingStub(calls).release(request))
                        .getCiphertext()
                        .isEmpty())
                .isFalse();
    }

    private ByteString nonce() {
        return rig.channel()
                .call((calls, aecs) ->
                        KeyReleaseGrpc.newBlockingStub(calls).challenge(ChallengeRequest.getDefaultInstance()))
                .getNonce();
    }

    @Test
    void a_replayed_request_is_refused() {
        try (HpkeKeyPair key = Hpke.generate()) {
            ReleaseRequest request = request(nonce(), key, AecsRig.SERVER);

            send(request);

            refused(() -> send(request), "AECS-201");
        }
    }

    @Test
    void a_late_answer_to_a_challenge_is_refused() {
        try (HpkeKeyPair key = Hpke.generate()) {
            ByteString nonce = nonce();
            rig.pass(Duration.ofSeconds(61));

            refused(() -> send(request(nonce, key, AecsRig.SERVER)), "AECS-201");
        }
    }

    @Test
    void a_nonce_that_the_aecs_did_not_make_is_refused() {
        try (HpkeKeyPair key = Hpke.generate()) {
            refused(() -> send(request(ByteString.copyFrom(new byte[32]), key, AecsRig.SERVER)), "AECS-201");
        }
    }

    @Test
    void evidence_that_is_bound_to_other_claims_is_refused() {
        try (HpkeKeyPair key = Hpke.generate();
                HpkeKeyPair thief = Hpke.generate()) {
            ReleaseRequest honest = request(nonce(), key, AecsRig.SERVER);
            ReleaseRequest stolen = request(nonce(), thief, AecsRig.SERVER);

            refused(
                    () -> send(
                            stolen.toBuilder().setEvidence(honest.getEvidence()).build()),
                    "AECS-210");
        }
    }

    @Test
    void evidence_of_which_any_bit_was_changed_is_refused() {
        try (HpkeKeyPair key = Hpke.generate()) {
            ReleaseRequest honest = request(nonce(), key, AecsRig.SERVER);
            byte[] evidence = honest.getEvidence().toByteArray();
            for (int at : new int[] {5, 60, 120, 370, 450, 520, 700}) {
                byte[] forged = evidence.clone();
                forged[at] ^= 1;

                refused(
                        () -> send(honest.toBuilder()
                                .setEvidence(ByteString.copyFrom(forged))
                                .build()),
                        "AECS-210");
            }
        }
    }

    @Test
    void malformed_requests_are_refused() {
        refused(() -> send(ReleaseRequest.getDefaultInstance()), "AECS-202");
        refused(
                () -> send(ReleaseRequest.newBuilder()
                        .setEvidence(ByteString.copyFrom(new byte[10]))
                        .setClaims(ByteString.copyFromUtf8("no message"))
                        .build()),
                "AECS-202");
        refused(
                () -> send(ReleaseRequest.newBuilder()
                        .setEvidence(ByteString.copyFrom(new byte[10]))
                        .setClaims(ByteString.copyFrom(new byte[5_000]))
                        .build()),
                "AECS-202");
    }

    @Test
    void keys_and_leases_survive_a_restart() {
        try (Lease before = release()) {
            rig.restart();

            try (Lease after = rig.enclave(AecsRig.SERVER).renew(before)) {
                assertThat(after.ticketKeys().getFirst().name())
                        .isEqualTo(before.ticketKeys().getFirst().name());
                assertThat(after.tls().chain().getLast())
                        .isEqualTo(before.tls().chain().getLast());
            }
        }
    }
}
