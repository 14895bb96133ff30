package s3ml.sim.aecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.Hpke;
import s3ml.protocol.Lease;
import s3ml.protocol.LeasedSecret;
import s3ml.protocol.SecretUseClient;
import s3ml.protocol.Signatures;
import s3ml.sim.platform.NamedEnclave;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.CreateSecret;
import s3ml.wire.aecs.EndLease;
import s3ml.wire.aecs.RemoveSecret;
import s3ml.wire.aecs.RotateSecret;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.SecretOperation;

/// Secrets of a service: who gets them, how they are used, how they end.
final class SecretTest {
    private static final ByteString INPUT = ByteString.copyFromUtf8("to be signed");

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

    private static CreateSecret.Builder secret(String name, SecretKind kind) {
        return CreateSecret.newBuilder().setService("detector").setName(name).setKind(kind);
    }

    private CommandResult create(CreateSecret.Builder wish) {
        return rig.command(rig.owner, command -> command.setCreateSecret(wish));
    }

    private CommandResult rotate(String name, long version, long grace) {
        return rig.command(
                rig.owner,
                command -> command.setExpectedVersion(version)
                        .setRotateSecret(RotateSecret.newBuilder()
                                .setService("detector")
                                .setName(name)
                                .setGraceSeconds(grace)));
    }

    private Lease lease() {
        return rig.enclave(AecsRig.SERVER).release("detector");
    }

    private static LeasedSecret find(Lease lease, String name) {
        return lease.secrets().stream()
                .filter(secret -> secret.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void secrets_of_every_kind_travel_in_leases() {
        for (SecretKind kind : SecretKind.values()) {
            if (kind == SecretKind.UNRECOGNIZED
                    || kind == SecretKind.SECRET_KIND_UNSPECIFIED
                    || kind == SecretKind.DATA) {
                continue;
            }
            AecsRig.done(create(secret("s-" + kind.name(), kind).setCommonName("web")));
        }

        try (Lease lease = lease()) {
            assertThat(lease.secrets())
                    .hasSize(10)
                    .allSatisfy(secret ->
                            assertThat(secret.current().material().length()).isPositive());
        }
    }

    @Test
    void imported_data_arrives_as_it_was_sealed() {
        ByteString key = rig.channel().attested().hpkePublicKey();
        byte[] info = "s3ml secret v1\0detector\0password".getBytes(StandardCharsets.UTF_8);
        Hpke.Sealed sealed = Hpke.seal(key, info, new byte[0], INPUT.toByteArray());
        CreateSecret.Builder wish = secret("password", SecretKind.DATA)
                .setEncapsulatedKey(sealed.encapsulatedKey())
                .setCiphertext(sealed.ciphertext());
        AecsRig.done(create(wish));

        try (Lease lease = lease()) {
            ByteString found = find(lease, "password").current().material().expose(bytes -> ByteString.copyFrom(bytes));
            assertThat(found).isEqualTo(INPUT);
        }
        assertThat(create(wish.setName("other")).getErrorCode()).isEqualTo("AECS-244");
    }

    @Test
    void a_secret_that_is_used_inside_never_leaves_and_signs_for_its_enclave() throws Exception {
        AecsRig.done(create(secret("signer", SecretKind.EC_P256).setUseInside(true)));
        AecsChannel channel = rig.channel();

        try (Lease lease = rig.enclave(AecsRig.SERVER, channel).release("detector")) {
            LeasedSecret.Version version = find(lease, "signer").current();
            assertThat(version.material().length()).isZero();
            ByteString signature = new SecretUseClient(channel, new SecureRandom())
                    .use(lease, "signer", SecretOperation.SIGN, INPUT, ByteString.EMPTY);

            PublicKey key = Signatures.publicKey(version.publicPart().toByteArray());
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(key);
            verifier.update(INPUT.toByteArray());
            assertThat(verifier.verify(signature.toByteArray())).isTrue();
        }
    }

    @Test
    void a_secret_that_may_leave_is_not_used_inside() {
        AecsRig.done(create(secret("key", SecretKind.AES_256)));
        AecsChannel channel = rig.channel();

        try (Lease lease = rig.enclave(AecsRig.SERVER, channel).release("detector")) {
            SecretUseClient client = new SecretUseClient(channel, new SecureRandom());
            assertThatThrownBy(() -> client.use(lease, "key", SecretOperation.DERIVE, INPUT, INPUT))
                    .hasMessageContaining("AECS-210");
        }
    }

    @Test
    void an_ended_or_expired_lease_uses_nothing() {
        AecsRig.done(create(secret("key", SecretKind.AES_256).setUseInside(true)));
        AecsChannel channel = rig.channel();
        SecretUseClient client = new SecretUseClient(channel, new SecureRandom());

        try (Lease ended = rig.enclave(AecsRig.SERVER, channel).release("detector");
                Lease expired = rig.enclave(AecsRig.SERVER, channel).release("detector")) {
            assertThat(client.use(ended, "key", SecretOperation.DERIVE, INPUT, INPUT)
                            .size())
                    .isEqualTo(32);
            AecsRig.done(rig.command(
                    rig.owner,
                    command -> command.setEndLease(
                            EndLease.newBuilder().setService("detector").setSerial(ended.serial()))));
            assertThatThrownBy(() -> client.use(ended, "key", SecretOperation.DERIVE, INPUT, INPUT))
                    .hasMessageContaining("AECS-210");
            rig.pass(Duration.ofHours(2));
            assertThatThrownBy(() -> client.use(expired, "key", SecretOperation.DERIVE, INPUT, INPUT))
                    .hasMessageContaining("AECS-210");
        }
    }

    @Test
    void after_a_rotation_old_and_new_are_valid_side_by_side_then_the_old_is_gone() {
        long version = AecsRig.done(create(secret("key", SecretKind.AES_256))).getVersion();
        AecsRig.done(rotate("key", version, 600));

        try (Lease during = lease()) {
            assertThat(find(during, "key").versions())
                    .extracting(LeasedSecret.Version::number)
                    .containsExactly(2, 1);
        }
        rig.pass(Duration.ofSeconds(601));
        try (Lease after = lease()) {
            assertThat(find(after, "key").versions())
                    .extracting(LeasedSecret.Version::number)
                    .containsExactly(2);
        }
    }

    @Test
    void a_secret_with_a_policy_of_its_own_goes_only_to_whom_that_accepts() {
        String stricter = rig.policyFor(NamedEnclave.identity("auditor", 1, false));
        AecsRig.done(create(secret("audit", SecretKind.AES_256).setPolicyJson(ByteString.copyFromUtf8(stricter))));
        AecsRig.done(create(secret("plain", SecretKind.AES_256)));

        try (Lease lease = lease()) {
            assertThat(lease.secrets()).extracting(LeasedSecret::name).containsExactly("plain");
        }
    }

    @Test
    void a_read_only_secret_is_neither_rotated_nor_removed() {
        long version = AecsRig.done(create(secret("key", SecretKind.AES_256).setReadOnly(true)))
                .getVersion();

        assertThat(rotate("key", version, 0).getErrorCode()).isEqualTo("AECS-246");
        assertThat(rig.command(
                                rig.owner,
                                command -> command.setExpectedVersion(version)
                                        .setRemoveSecret(RemoveSecret.newBuilder()
                                                .setService("detector")
                                                .setName("key")))
                        .getErrorCode())
                .isEqualTo("AECS-246");
    }

    @Test
    void flags_that_make_no_sense_for_a_kind_are_refused() {
        assertThat(create(secret("a", SecretKind.AES_256).setPublicPart(true)).getErrorCode())
                .isEqualTo("AECS-244");
        assertThat(create(secret("a", SecretKind.CERTIFICATE).setUseInside(true).setCommonName("x"))
                        .getErrorCode())
                .isEqualTo("AECS-244");
        assertThat(create(secret("a", SecretKind.DATA)).getErrorCode()).isEqualTo("AECS-244");
        assertThat(create(secret("../a", SecretKind.AES_256)).getErrorCode()).isEqualTo("AECS-244");
    }

    @Test
    void a_secret_is_not_overwritten_by_creating_it_again() {
        AecsRig.done(create(secret("key", SecretKind.AES_256)));

        assertThat(create(secret("key", SecretKind.AES_256)).getErrorCode()).isEqualTo("AECS-243");
    }
}
