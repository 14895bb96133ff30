package s3ml.sim.aecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.Digest;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Lease;
import s3ml.protocol.Signatures;
import s3ml.protocol.log.LogCommitments;
import s3ml.protocol.log.Merkle;
import s3ml.sim.platform.NamedEnclave;
import s3ml.wire.aecs.AdminCommand;
import s3ml.wire.aecs.AdminGrpc;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.CheckPolicy;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.CreateService;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.ListServices;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogReceipt;
import s3ml.wire.aecs.PutConfiguration;
import s3ml.wire.aecs.RemoveService;
import s3ml.wire.aecs.ReplaceAdmins;
import s3ml.wire.aecs.ShowService;
import s3ml.wire.aecs.SignedCommand;

/// What admins may do, and what strangers may not.
final class AdminTest {
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

    private CommandResult create(KeyPair signer, String name) {
        return rig.command(
                signer,
                command -> command.setCreateService(CreateService.newBuilder()
                        .setService(name)
                        .setServiceAdminKey(
                                ByteString.copyFrom(rig.owner.getPublic().getEncoded()))
                        .addNames("a.example")));
    }

    private CommandResult show(KeyPair signer) {
        return rig.command(
                signer,
                command -> command.setShowService(ShowService.newBuilder().setService("detector")));
    }

    @Test
    void a_stranger_is_refused_and_learns_nothing() {
        CommandResult result = create(Signatures.generate(), "new");

        assertThat(result.getErrorCode()).isEqualTo("AECS-240");
        assertThat(result.getErrorMessage()).isEqualTo("AECS-240: refused");
    }

    @Test
    void a_service_admin_may_not_create_services() {
        assertThat(create(rig.owner, "new").getErrorCode()).isEqualTo("AECS-241");
    }

    @Test
    void an_aecs_admin_may_not_set_a_services_policy() {
        CommandResult result = rig.command(
                rig.admin,
                command -> command.setExpectedVersion(1)
                        .getSetPolicyBuilder()
                        .setService("detector")
                        .setPolicyJson(ByteString.copyFromUtf8(rig.policyFor(AecsRig.SERVER))));

        assertThat(result.getErrorCode()).isEqualTo("AECS-241");
    }

    @Test
    void a_service_admin_sees_his_own_service_only() {
        KeyPair other = Signatures.generate();
        AecsRig.done(rig.command(
                rig.admin,
                command -> command.setCreateService(CreateService.newBuilder()
                        .setService("other")
                        .setServiceAdminKey(
                                ByteString.copyFrom(other.getPublic().getEncoded()))
                        .addNames("other.example"))));

        CommandResult own = rig.command(other, command -> command.setListServices(ListServices.getDefaultInstance()));
        assertThat(own.getServicesList())
                .extracting(service -> service.getService())
                .containsExactly("other");
        assertThat(show(other).getErrorCode()).isEqualTo("AECS-241");
        assertThat(rig.command(rig.admin, command -> command.setListServices(ListServices.getDefaultInstance()))
                        .getServicesCount())
                .isEqualTo(2);
    }

    @Test
    void a_service_is_not_created_twice() {
        assertThat(create(rig.admin, "detector").getErrorCode()).isEqualTo("AECS-243");
    }

    @Test
    void names_that_could_leave_their_place_are_refused() {
        for (String name : List.of("", "A", "a/b", "..", "a b", "-a", "a".repeat(64))) {
            assertThat(create(rig.admin, name).getErrorCode()).isEqualTo("AECS-244");
        }
    }

    @Test
    void a_policy_set_on_an_epoch_that_has_passed_is_refused() {
        assertThat(rig.setPolicy(0, rig.policyFor(AecsRig.SERVER)).getErrorCode())
                .isEqualTo("AECS-243");
        assertThat(rig.setPolicy(1, rig.policyFor(AecsRig.SERVER)).getVersion()).isEqualTo(2);
    }

    @Test
    void a_policy_that_cannot_be_read_is_refused_with_its_faults() {
        CommandResult result = rig.setPolicy(1, "{\"version\":2,\"rulez\":[]}");

        assertThat(result.getErrorCode()).isEqualTo("AECS-244");
        assertThat(result.getErrorMessage()).contains("rulez").contains("version");
    }

    @Test
    void a_model_key_sealed_for_another_model_is_refused() {
        CommandResult result = rig.command(
                rig.owner,
                command -> command.getPutModelKeyBuilder()
                        .setService("detector")
                        .setName("n")
                        .setVersion("1")
                        .setManifestDigest(ByteString.copyFrom(new byte[32]))
                        .setModelDigest(ByteString.copyFrom(new byte[32]))
                        .setEncapsulatedKey(ByteString.copyFrom(new byte[32]))
                        .setCiphertext(ByteString.copyFrom(new byte[48])));

        assertThat(result.getErrorCode()).isEqualTo("AECS-244");
    }

    @Test
    void a_replayed_command_is_refused() {
        SignedCommand signed = signed(rig.owner, 1);

        assertThat(send(signed).getErrorCode()).isEmpty();
        assertThat(send(signed).getErrorCode()).isEqualTo("AECS-201");
    }

    @Test
    void a_command_of_which_any_bit_was_changed_is_refused() {
        SignedCommand signed = signed(rig.owner, 1);
        byte[] bytes = signed.getCommand().toByteArray();
        for (int at = 0; at < bytes.length; at += 7) {
            byte[] forged = bytes.clone();
            forged[at] ^= 1;
            assertThat(send(signed.toBuilder()
                                    .setCommand(ByteString.copyFrom(forged))
                                    .build())
                            .getErrorCode())
                    .isIn("AECS-240", "AECS-202");
        }
    }

    @Test
    void a_command_for_another_aecs_is_refused() {
        CommandResult result = rig.command(
                rig.owner,
                command -> command.setInstanceId(ByteString.copyFrom(new byte[16]))
                        .setListServices(ListServices.getDefaultInstance()));

        assertThat(result.getErrorCode()).isEqualTo("AECS-240");
    }

    private SignedCommand signed(KeyPair signer, long expected) {
        return rig.channel().call((calls, aecs) -> {
            AdminCommand command = AdminCommand.newBuilder()
                    .setNonce(KeyReleaseGrpc.newBlockingStub(calls)
                            .challenge(ChallengeRequest.getDefaultInstance())
                            .getNonce())
                    .setInstanceId(aecs.instanceId())
                    .setExpectedVersion(expected)
                    .setShowService(ShowService.newBuilder().setService("detector"))
                    .build();
            return AecsMessages.signCommand(
                    signer.getPrivate(), signer.getPublic().getEncoded(), command.toByteArray());
        });
    }

    private CommandResult send(SignedCommand signed) {
        return rig.channel()
                .call((calls, aecs) -> AdminGrpc.newBlockingStub(calls).execute(signed));
    }

    @Test
    void a_dry_run_names_the_enclaves_that_would_lose_access() {
        try (Lease lease = rig.enclave(AecsRig.SERVER).release("detector")) {
            String other = rig.policyFor(NamedEnclave.identity("other", 1, false));

            CommandResult result = AecsRig.done(rig.command(
                    rig.owner,
                    command -> command.setCheckPolicy(CheckPolicy.newBuilder()
                            .setService("detector")
                            .setPolicyJson(ByteString.copyFromUtf8(other)))));

            assertThat(result.getEffect().getLeasesList()).hasSize(1);
            assertThat(result.getEffect().getLeases(0).getLease().getSerial()).isEqualTo(lease.serial());
            assertThat(result.getEffect().getLeases(0).getAcceptedNow()).isTrue();
            assertThat(result.getEffect().getLeases(0).getAcceptedThen()).isFalse();
            assertThat(result.getEffect().getLeases(0).getFindings(0)).contains("ATT-151");
            assertThat(result.getEffect().getRulesAddedCount()).isEqualTo(1);
            assertThat(result.getEffect().getRulesRemovedCount()).isEqualTo(1);
            assertThat(show(rig.owner).getServices(0).getPolicyEpoch()).isEqualTo(1);
        }
    }

    @Test
    void every_command_that_changes_something_is_in_the_log_with_a_receipt() {
        CommandResult result = rig.setPolicy(1, rig.policyFor(AecsRig.SERVER));

        LogReceipt receipt = result.getReceipt();
        List<Digest> path = receipt.getInclusionList().stream()
                .map(hash -> Digest.ofBytes(hash.toByteArray()))
                .toList();
        assertThat(Merkle.includes(
                        Merkle.leaf(receipt.getEntry().toByteArray()),
                        receipt.getIndex(),
                        receipt.getHead().getTreeSize(),
                        path,
                        Digest.ofBytes(receipt.getHead().getRootHash().toByteArray())))
                .isTrue();
        assertThat(AecsMessages.verifyLogHead(rig.channel().attested().identityKey(), receipt.getHead()))
                .isTrue();
    }

    @Test
    void configuration_travels_in_leases() {
        AecsRig.done(rig.command(
                rig.owner,
                command -> command.setPutConfiguration(
                        PutConfiguration.newBuilder().setService("detector").putEntries("threads", "2"))));

        try (Lease lease = rig.enclave(AecsRig.SERVER).release("detector")) {
            assertThat(lease.configuration()).containsEntry("threads", "2");
        }
    }

    @Test
    void a_removed_service_gives_nothing_any_more() {
        long version = show(rig.owner).getVersion();
        AecsRig.done(rig.command(
                rig.owner,
                command -> command.setExpectedVersion(version)
                        .setRemoveService(RemoveService.newBuilder().setService("detector"))));

        assertThat(show(rig.admin).getErrorCode()).isEqualTo("AECS-242");
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> rig.enclave(AecsRig.SERVER).release("detector"))
                .hasMessageContaining("AECS-210");
    }

    @Test
    void the_admin_set_is_replaced_by_its_threshold_and_the_old_key_commands_no_more() {
        KeyPair one = Signatures.generate();
        KeyPair two = Signatures.generate();
        ReplaceAdmins wish = ReplaceAdmins.newBuilder()
                .addAdmins(ByteString.copyFrom(one.getPublic().getEncoded()))
                .addAdmins(ByteString.copyFrom(two.getPublic().getEncoded()))
                .setThreshold(2)
                .build();
        long version = aecsVersion(rig.admin);
        AecsRig.done(rig.command(
                rig.admin, command -> command.setExpectedVersion(version).setReplaceAdmins(wish)));

        assertThat(create(rig.admin, "late").getErrorCode()).isEqualTo("AECS-240");
        long now = aecsVersion(one);
        assertThat(rig.command(one, command -> command.setExpectedVersion(now).setReplaceAdmins(wish))
                        .getErrorCode())
                .isEqualTo("AECS-241");
    }

    private long aecsVersion(KeyPair admin) {
        return rig.command(admin, command -> command.setShowAecs(s3ml.wire.aecs.ShowAecs.getDefaultInstance()))
                .getVersion();
    }

    @Test
    void the_digest_of_the_admin_set_stands_in_the_evidence() {
        byte[] key = Digest.of(rig.admin.getPublic().getEncoded()).bytes();

        assertThat(rig.channel().attested().adminSetDigest()).isEqualTo(Digest.of(Arrays.copyOf(key, 32)));
    }

    @Test
    void a_command_of_one_admin_cannot_be_detached_nor_be_good_for_ever() {
        long now = java.time.Instant.parse("2026-11-24T12:00:00Z").toEpochMilli();
        ByteString unique = ByteString.copyFrom(new byte[32]);

        CommandResult single = rig.command(
                rig.admin,
                command -> command.setNonce(unique)
                        .setDetachedUntilUnixMillis(now + 1_000)
                        .setListServices(ListServices.getDefaultInstance()));
        CommandResult late = rig.command(
                rig.admin,
                command -> command.setNonce(unique)
                        .setDetachedUntilUnixMillis(now - 1)
                        .setReplaceAdmins(ReplaceAdmins.getDefaultInstance()));
        CommandResult forEver = rig.command(
                rig.admin,
                command -> command.setNonce(unique)
                        .setDetachedUntilUnixMillis(Long.MAX_VALUE)
                        .setReplaceAdmins(ReplaceAdmins.getDefaultInstance()));

        assertThat(List.of(single, late, forEver))
                .extracting(result -> result.getErrorCode())
                .containsOnly("AECS-202");
    }

    @Test
    void the_log_hides_policy_and_admin_from_who_knows_them_and_a_receipt_opens_both() throws Exception {
        LogReceipt receipt =
                rig.setPolicy(1, rig.policyFor(AecsRig.SERVER) + " ").getReceipt();
        LogEntry entry = LogEntry.parseFrom(receipt.getEntry());
        Digest policy =
                s3ml.attest.Policy.parse(rig.policyFor(AecsRig.SERVER) + " ").digest();
        ByteString owner = ByteString.copyFrom(rig.owner.getPublic().getEncoded());

        assertThat(HexFormat.of().formatHex(receipt.getEntry().toByteArray()))
                .doesNotContain(policy.hex())
                .doesNotContain(Digest.of(owner.toByteArray()).hex());
        assertThat(LogCommitments.policy(receipt.getPolicySalt(), policy)).isEqualTo(entry.getPolicyCommitment());
        assertThat(LogCommitments.admin(receipt.getAdminSalt(), owner)).isEqualTo(entry.getAdminCommitment());
    }
}
