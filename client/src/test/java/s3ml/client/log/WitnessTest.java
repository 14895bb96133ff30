package s3ml.client.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Signatures;
import s3ml.protocol.log.CoSignatures;
import s3ml.wire.aecs.CoSignRequest;
import s3ml.wire.aecs.CoSignResponse;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.NewestRequest;
import s3ml.wire.aecs.NewestResponse;
import s3ml.wire.aecs.ProveLogResponse;

final class WitnessTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(5_000));

    @TempDir
    Path folder;

    private final KeyPair key = Signatures.generate();
    private final FakeLog log = new FakeLog().grow("a", 6);
    private WitnessServer server;
    private WitnessClient client;

    @BeforeEach
    void start() {
        server = WitnessServer.start(
                desk((instance, identity) -> true), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        client = new WitnessClient(
                new Endpoint("127.0.0.1", server.port()),
                ByteString.copyFrom(key.getPublic().getEncoded()));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private WitnessDesk desk(WitnessDesk.Admission admission) {
        return new WitnessDesk(folder, key, admission, CLOCK);
    }

    @Test
    void a_growing_log_is_co_signed_again_and_again() {
        CoSignedHead first = client.coSign(log.known(), log);
        log.grow("a", 7);
        CoSignedHead second = client.coSign(log.known(), log);

        assertThat(first.getHead().getTreeSize()).isEqualTo(6);
        assertThat(second.getHead().getTreeSize()).isEqualTo(13);
        assertThat(second.getWitnessedAtUnixMillis()).isEqualTo(5_000);
    }

    @Test
    void the_same_head_is_co_signed_twice() {
        client.coSign(log.known(), log);

        assertThat(client.coSign(log.known(), log).getHead().getTreeSize()).isEqualTo(6);
    }

    @Test
    void the_newest_head_is_signed_over_the_callers_nonce_so_that_an_older_answer_is_refused() {
        client.coSign(log.known(), log);
        WitnessDesk desk = desk((instance, identity) -> true);
        NewestRequest request = request(1);
        NewestResponse answer = desk.newest(request);

        assertThat(CoSignatures.isAnswer(key.getPublic(), request, answer)).isTrue();
        assertThat(CoSignatures.isAnswer(key.getPublic(), request(2), answer)).isFalse();
        assertThat(CoSignatures.isAnswer(Signatures.generate().getPublic(), request, answer))
                .isFalse();
        assertThat(CoSignatures.isAnswer(
                        key.getPublic(),
                        request,
                        answer.toBuilder().clearNewest().build()))
                .isFalse();
    }

    @Test
    void that_a_witness_knows_no_head_is_signed_too() {
        NewestRequest request = request(1);
        NewestResponse answer = desk((instance, identity) -> true).newest(request);

        assertThat(answer.hasNewest()).isFalse();
        assertThat(CoSignatures.isAnswer(key.getPublic(), request, answer)).isTrue();
    }

    private NewestRequest request(int nonce) {
        byte[] bytes = new byte[CoSignatures.NONCE_BYTES];
        bytes[0] = (byte) nonce;
        return NewestRequest.newBuilder()
                .setInstanceId(log.known().instanceId())
                .setNonce(ByteString.copyFrom(bytes))
                .build();
    }

    @Test
    void a_forked_log_is_refused_and_named() {
        client.coSign(log.known(), log);
        FakeLog fork = new FakeLog(log.identity).grow("b", 9);

        assertThatThrownBy(() -> client.coSign(fork.known(), fork))
                .hasMessageContaining("PRO-183")
                .hasMessageContaining("forked");
    }

    @Test
    void two_logs_of_one_size_are_refused_and_named() {
        client.coSign(log.known(), log);
        FakeLog fork = new FakeLog(log.identity).grow("b", 6);

        assertThatThrownBy(() -> client.coSign(fork.known(), fork)).hasMessageContaining("PRO-183");
    }

    @Test
    void a_rolled_back_log_is_refused_and_named() {
        client.coSign(log.known(), log);
        FakeLog shorter = new FakeLog(log.identity).grow("a", 4);

        assertThatThrownBy(() -> client.coSign(shorter.known(), shorter)).hasMessageContaining("PRO-182");
    }

    @Test
    void a_witness_remembers_over_a_restart() {
        client.coSign(log.known(), log);
        FakeLog shorter = new FakeLog(log.identity).grow("a", 4);

        CoSignResponse answer = desk((instance, identity) -> true).coSign(request(shorter, 0));

        assertThat(answer.getErrorCode()).isEqualTo("PRO-182");
        assertThat(answer.getWitnessSize()).isEqualTo(6);
    }

    @Test
    void an_AECS_with_another_identity_or_that_nobody_admitted_is_refused() {
        client.coSign(log.known(), log);
        FakeLog stranger = new FakeLog().grow("a", 9);

        assertThatThrownBy(() -> client.coSign(stranger.known(), stranger)).hasMessageContaining("CLI-182");

        WitnessDesk closed = new WitnessDesk(folder.resolve("other"), key, (instance, identity) -> false, CLOCK);
        assertThat(closed.coSign(request(log, 0)).getErrorCode()).isEqualTo("CLI-181");
    }

    @Test
    void a_head_that_the_AECS_did_not_sign_is_refused() {
        CoSignRequest honest = request(log, 0);
        CoSignRequest forged = honest.toBuilder()
                .setHead(honest.getHead().toBuilder().setTreeSize(7))
                .build();

        assertThat(desk((instance, identity) -> true).coSign(forged).getErrorCode())
                .isEqualTo("PRO-180");
        assertThat(desk((instance, identity) -> true)
                        .coSign(honest.toBuilder()
                                .setIdentityPublicKey(ByteString.EMPTY)
                                .build())
                        .getErrorCode())
                .isEqualTo("PRO-180");
        assertThat(desk((instance, identity) -> true)
                        .coSign(honest.toBuilder()
                                .setInstanceId(ByteString.copyFromUtf8("../../x"))
                                .build())
                        .getErrorCode())
                .isEqualTo("CLI-181");
    }

    @Test
    void a_proof_from_another_size_is_answered_with_the_size_that_is_wanted() {
        client.coSign(log.known(), log);
        log.grow("a", 3);

        CoSignResponse answer = desk((instance, identity) -> true).coSign(request(log, 4));

        assertThat(answer.getErrorCode()).isEqualTo("CLI-183");
        assertThat(answer.getWitnessSize()).isEqualTo(6);
    }

    @Test
    void a_witness_with_another_key_than_expected_is_refused() {
        try (WitnessClient other = new WitnessClient(
                new Endpoint("127.0.0.1", server.port()),
                ByteString.copyFrom(Signatures.generate().getPublic().getEncoded()))) {
            assertThatThrownBy(() -> other.coSign(log.known(), log)).hasMessageContaining("CLI-187");
        }
    }

    private static CoSignRequest request(FakeLog log, long knownSize) {
        ProveLogResponse proof = log.extension(knownSize);
        return CoSignRequest.newBuilder()
                .setInstanceId(log.instanceId)
                .setIdentityPublicKey(log.known().identityKey())
                .setHead(proof.getHead())
                .setKnownSize(knownSize)
                .addAllConsistency(proof.getConsistencyList())
                .build();
    }
}
