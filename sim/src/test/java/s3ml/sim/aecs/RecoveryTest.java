package s3ml.sim.aecs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.Lease;
import s3ml.sim.platform.NamedEnclave;
import s3ml.wire.aecs.AecsClaims;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.MakeRecoveryShares;
import s3ml.wire.aecs.RecoveryGrpc;
import s3ml.wire.aecs.RecoveryShare;
import s3ml.wire.aecs.RecoveryStatusRequest;
import s3ml.wire.aecs.RecoveryStatusResponse;
import s3ml.wire.aecs.SealedShare;
import s3ml.wire.aecs.ShowAecs;
import s3ml.wire.aecs.SubmitShareRequest;

/// An AECS whose root secret is gone comes back by its admins' shares, and only so.
final class RecoveryTest {
    private static final byte[] SHARE_INFO = "s3ml recovery share v1\0".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder = Path.of(".");

    private final List<HpkeKeyPair> holders = List.of(Hpke.generate(), Hpke.generate(), Hpke.generate());
    private AecsRig rig;

    @BeforeEach
    void start() {
        rig = new AecsRig(folder).withService();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// Two of three.
    private List<byte[]> shares() {
        CommandResult shown = rig.command(rig.admin, command -> command.setShowAecs(ShowAecs.getDefaultInstance()));
        CommandResult made = AecsRig.done(rig.command(
                rig.admin,
                command -> command.setExpectedVersion(shown.getVersion())
                        .setMakeRecoveryShares(MakeRecoveryShares.newBuilder()
                                .setThreshold(2)
                                .addAllHolderKeys(holders.stream()
                                        .map(HpkeKeyPair::publicKey)
                                        .toList()))));
        byte[] info = ByteString.copyFrom(SHARE_INFO)
                .concat(shown.getAecs().getInstanceId())
                .toByteArray();
        List<byte[]> opened = new ArrayList<>();
        for (int i = 0; i < holders.size(); i++) {
            SealedShare share = made.getShares(i);
            opened.add(Hpke.open(
                    holders.get(i).privateKey(),
                    info,
                    new byte[0],
                    new Hpke.Sealed(share.getEncapsulatedKey(), share.getCiphertext())));
        }
        return opened;
    }

    private void loseTheRoot() throws Exception {
        rig.process.close();
        Files.delete(folder.resolve("aecs.root"));
        rig.process = rig.start(AecsRig.AECS, rig.config());
        assertThat(rig.process.recovering()).isTrue();
    }

    private ManagedChannel channel() throws SSLException {
        return NettyChannelBuilder.forAddress("127.0.0.1", rig.process.port())
                .sslContext(GrpcSslContexts.configure(
                                io.netty.handler.ssl.SslContextBuilder.forClient(), SslProvider.OPENSSL)
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .build())
                .build();
    }

    private static RecoveryStatusResponse status(ManagedChannel channel) {
        return RecoveryGrpc.newBlockingStub(channel)
                .status(RecoveryStatusRequest.newBuilder()
                        .setNonce(ByteString.copyFrom(new byte[32]))
                        .build());
    }

    private static RecoveryStatusResponse submit(ManagedChannel channel, byte[] share, long sequenceOffset)
            throws InvalidProtocolBufferException {
        RecoveryStatusResponse status = status(channel);
        ByteString key = AecsClaims.parseFrom(status.getAecs().getClaims()).getHpkePublicKey();
        Hpke.Sealed sealed =
                Hpke.seal(key, SHARE_INFO, status.getHeadChainHash().toByteArray(), share);
        return RecoveryGrpc.newBlockingStub(channel)
                .submitShare(SubmitShareRequest.newBuilder()
                        .setEncapsulatedKey(sealed.encapsulatedKey())
                        .setCiphertext(sealed.ciphertext())
                        .setConfirmedSequence(status.getHeadSequence() + sequenceOffset)
                        .setConfirmedChainHash(status.getHeadChainHash())
                        .build());
    }

    private void awaitServing() throws InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (rig.process.recovering() && Instant.now().isBefore(end)) {
            Thread.sleep(20);
        }
        assertThat(rig.process.recovering()).isFalse();
    }

    @Test
    void two_of_three_shares_bring_everything_back_and_the_next_start_needs_none() throws Exception {
        List<byte[]> shares = shares();
        Lease before = rig.enclave(AecsRig.SERVER).release("detector");
        loseTheRoot();

        ManagedChannel channel = channel();
        assertThat(submit(channel, shares.get(2), 0).getSharesGiven()).isEqualTo(1);
        assertThat(submit(channel, shares.get(0), 0).getRecovered()).isTrue();
        channel.shutdownNow();
        awaitServing();

        try (Lease after = rig.enclave(AecsRig.SERVER).renew(before)) {
            assertThat(after.tls().chain().getLast())
                    .isEqualTo(before.tls().chain().getLast());
        }
        assertThat(rig.auditText()).contains("recovery-needed").contains("\"event\":\"recovered\"");
        rig.restart();
        assertThat(rig.process.recovering()).isFalse();
    }

    @Test
    void a_root_sealed_by_another_build_leads_to_recovery_and_not_to_a_new_aecs() {
        rig.process.close();

        rig.process = rig.start(NamedEnclave.identity("another build", 1, false), rig.config());

        assertThat(rig.process.recovering()).isTrue();
        assertThat(rig.auditText()).contains("AECS-306");
    }

    @Test
    void one_share_given_twice_counts_once() throws Exception {
        List<byte[]> shares = shares();
        loseTheRoot();
        ManagedChannel channel = channel();

        assertThat(submit(channel, shares.get(1), 0).getSharesGiven()).isEqualTo(1);
        assertThat(submit(channel, shares.get(1), 0).getSharesGiven()).isEqualTo(1);

        channel.shutdownNow();
    }

    @Test
    void an_altered_share_is_refused_before_it_spoils_the_secret() throws Exception {
        List<byte[]> shares = shares();
        loseTheRoot();
        ManagedChannel channel = channel();
        RecoveryShare share = RecoveryShare.parseFrom(shares.get(0));
        byte[] bytes = share.getShare().toByteArray();
        bytes[10] ^= 1;
        byte[] altered =
                share.toBuilder().setShare(ByteString.copyFrom(bytes)).build().toByteArray();

        assertThat(submit(channel, altered, 0).getErrorCode()).isEqualTo("AECS-251");
        assertThat(submit(channel, shares.get(1), 0).getSharesGiven()).isEqualTo(1);

        channel.shutdownNow();
    }

    @Test
    void shares_of_an_older_ceremony_are_refused() throws Exception {
        List<byte[]> old = shares();
        shares();
        loseTheRoot();
        ManagedChannel channel = channel();

        submit(channel, old.get(0), 0);
        RecoveryStatusResponse answer = submit(channel, old.get(1), 0);

        assertThat(answer.getRecovered()).isFalse();
        assertThat(answer.getErrorMessage()).contains("AECS-251").contains("generation 2");
        channel.shutdownNow();
    }

    @Test
    void a_head_that_nobody_confirmed_is_refused() throws Exception {
        List<byte[]> shares = shares();
        loseTheRoot();
        ManagedChannel channel = channel();

        assertThat(submit(channel, shares.get(0), 1).getErrorCode()).isEqualTo("AECS-252");

        channel.shutdownNow();
    }

    @Test
    void an_empty_store_with_a_root_is_refused_rather_than_begun_anew() throws Exception {
        rig.process.close();
        for (String suffix : new String[] {"", "-wal", "-shm"}) {
            Files.deleteIfExists(folder.resolve("aecs.db" + suffix));
        }

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> rig.start(AecsRig.AECS, rig.config()))
                .hasMessageContaining("AECS-103");
    }
}
