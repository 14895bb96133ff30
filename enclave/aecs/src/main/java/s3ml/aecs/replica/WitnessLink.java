package s3ml.aecs.replica;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import s3ml.aecs.AecsConfig;
import s3ml.attest.Digest;
import s3ml.protocol.Endpoint;
import s3ml.protocol.log.CoSignatures;
import s3ml.protocol.log.LogVerdict;
import s3ml.wire.aecs.CoSignRequest;
import s3ml.wire.aecs.CoSignResponse;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.NewestRequest;
import s3ml.wire.aecs.NewestResponse;
import s3ml.wire.aecs.WitnessGrpc;

/// One witness, asked by gRPC in plain text: its answers are signed over a fresh nonce, and nothing secret is said.
/// Thread-safe.
final class WitnessLink implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 16 * 1024;

    private final AecsConfig.Witness witness;
    private final SecureRandom random;
    private final ManagedChannel channel;

    WitnessLink(AecsConfig.Witness witness, SecureRandom random) {
        this.witness = witness;
        this.random = random;
        this.channel = NettyChannelBuilder.forAddress(
                        witness.address().host(), witness.address().port())
                .usePlaintext()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
    }

    /// What a witness said.
    sealed interface Answer {}

    /// The newest head it signed for this AECS, which the AECS signed before.
    record Newest(LogHead head) implements Answer {}

    /// It never signed a head of this AECS.
    record KnowsNone() implements Answer {}

    /// It is away, or what answers is not the witness.
    record Silent(String why) implements Answer {}

    Endpoint address() {
        return witness.address();
    }

    /// Asks for the newest head it signed for the AECS of `instanceId`.
    ///
    /// @param patience how long a witness that is just starting is waited for
    Answer newest(ByteString instanceId, Duration patience) {
        byte[] nonce = new byte[CoSignatures.NONCE_BYTES];
        random.nextBytes(nonce);
        NewestRequest request = NewestRequest.newBuilder()
                .setInstanceId(instanceId)
                .setNonce(ByteString.copyFrom(nonce))
                .build();
        NewestResponse answer;
        try {
            answer = stub(patience).newest(request);
        } catch (StatusRuntimeException e) {
            return silent(e);
        }
        if (!CoSignatures.isAnswer(witness.publicKey(), request, answer)) {
            return new Silent("what answers there does not have the key of this witness");
        }
        return answer.hasNewest() ? judged(answer.getNewest(), instanceId) : new KnowsNone();
    }

    private static Answer judged(CoSignedHead newest, ByteString instanceId) {
        if (!newest.getInstanceId().equals(instanceId)) {
            return new Silent("it answers about another AECS");
        }
        return switch (CoSignatures.verify(newest)) {
            case LogVerdict.Proven proven -> new Newest(newest.getHead());
            case LogVerdict.NotProven not -> new Silent(not.why());
        };
    }

    /// Shows it a head that extends `known`; empty text if it signed, else why it did not.
    String coSign(ByteString instanceId, ByteString identityKey, LogHead head, long known, List<Digest> proof) {
        CoSignRequest.Builder request = CoSignRequest.newBuilder()
                .setInstanceId(instanceId)
                .setIdentityPublicKey(identityKey)
                .setHead(head)
                .setKnownSize(known);
        proof.forEach(hash -> request.addConsistency(ByteString.copyFrom(hash.bytes())));
        try {
            CoSignResponse answer = stub(Witnesses.PATIENCE).coSign(request.build());
            return answer.hasSigned() ? "" : answer.getErrorCode() + " " + answer.getErrorMessage();
        } catch (StatusRuntimeException e) {
            return silent(e).why();
        }
    }

    private WitnessGrpc.WitnessBlockingStub stub(Duration patience) {
        return WitnessGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Silent silent(StatusRuntimeException e) {
        Status status = e.getStatus();
        return new Silent(status.getCode() == Status.Code.DEADLINE_EXCEEDED ? "it does not answer" : status.toString());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
