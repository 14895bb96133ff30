package s3ml.client.log;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;
import s3ml.attest.S3mlException;
import s3ml.protocol.Endpoint;
import s3ml.protocol.log.CoSignatures;
import s3ml.protocol.log.LogVerdict;
import s3ml.wire.aecs.CoSignRequest;
import s3ml.wire.aecs.CoSignResponse;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.NewestRequest;
import s3ml.wire.aecs.ProveLogResponse;
import s3ml.wire.aecs.WitnessGrpc;

/// Gets heads co-signed by a witness whose key the owner knows.
///
/// Codes: `CLI-185` the witness refused, with its reason; `CLI-186` it cannot be reached; `CLI-187` its answer is not
/// by the key that the owner expects; `PRO-182`, `PRO-183` the witness saw another log than the AECS shows here.
public final class WitnessClient implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 10;

    private final ManagedChannel channel;
    private final ByteString expectedKey;

    /// @param expectedKey SubjectPublicKeyInfo (DER) of the witness
    public WitnessClient(Endpoint witness, ByteString expectedKey) {
        this.channel = NettyChannelBuilder.forAddress(witness.host(), witness.port())
                .usePlaintext()
                .build();
        this.expectedKey = expectedKey;
    }

    /// Where the proof that a witness wants comes from.
    @FunctionalInterface
    public interface ProofSource {
        /// The newest head, and the proof that it extends `knownSize` entries.
        ProveLogResponse extension(long knownSize);
    }

    /// Has the newest head of an AECS co-signed.
    ///
    /// @param log whose log it is
    /// @throws S3mlException as listed above; a witness that saw a longer or another log is a finding, not a mishap
    public CoSignedHead coSign(KnownLog log, ProofSource proofs) {
        try {
            WitnessGrpc.WitnessBlockingStub witness =
                    WitnessGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
            long known = witness.newest(NewestRequest.newBuilder()
                            .setInstanceId(log.instanceId())
                            .build())
                    .getNewest()
                    .getHead()
                    .getTreeSize();
            ProveLogResponse proof = proofs.extension(known);
            CoSignResponse answer = witness.coSign(CoSignRequest.newBuilder()
                    .setInstanceId(log.instanceId())
                    .setIdentityPublicKey(log.identityKey())
                    .setHead(proof.getHead())
                    .setKnownSize(known)
                    .addAllConsistency(proof.getConsistencyList())
                    .build());
            return checked(answer, proof);
        } catch (StatusRuntimeException e) {
            throw new S3mlException(
                    "CLI-186", "the witness does not answer", e.getStatus().toString(), "check its address", e);
        }
    }

    private CoSignedHead checked(CoSignResponse answer, ProveLogResponse proof) {
        if (!answer.hasSigned()) {
            boolean contradiction = answer.getErrorCode().startsWith("PRO-18");
            throw new S3mlException(
                    contradiction ? answer.getErrorCode() : "CLI-185",
                    "the witness did not sign the head of size "
                            + proof.getHead().getTreeSize(),
                    answer.getErrorCode() + " " + answer.getErrorMessage(),
                    contradiction
                            ? "compare the head of this AECS with the one which the witness holds: one log was forked"
                            : "ask who runs the witness to admit this AECS");
        }
        CoSignedHead signed = answer.getSigned();
        boolean same = signed.getWitnessPublicKey().equals(expectedKey)
                && signed.getHead().equals(proof.getHead());
        if (!same || !CoSignatures.verify(signed).isProven()) {
            throw new S3mlException(
                    "CLI-187",
                    "refused the co-signature",
                    same
                            ? ((LogVerdict.NotProven) CoSignatures.verify(signed)).why()
                            : "it is of another witness or over another head",
                    "check the witness's key and address");
        }
        return signed;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
