package s3ml.aecs.endpoint;

import io.grpc.stub.StreamObserver;
import s3ml.aecs.release.ReleaseDesk;
import s3ml.aecs.replica.JoinDesk;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.ChallengeResponse;
import s3ml.wire.aecs.JoinRequest;
import s3ml.wire.aecs.JoinResponse;
import s3ml.wire.aecs.NewestHeadRequest;
import s3ml.wire.aecs.NewestHeadResponse;
import s3ml.wire.aecs.ReplicationGrpc;

/// The service between replicas.
final class ReplicationService extends ReplicationGrpc.ReplicationImplBase {
    private final JoinDesk desk;
    private final ReleaseDesk challenges;
    private final Answers answers;

    ReplicationService(JoinDesk desk, ReleaseDesk challenges, Answers answers) {
        this.desk = desk;
        this.challenges = challenges;
        this.answers = answers;
    }

    @Override
    public void challenge(ChallengeRequest request, StreamObserver<ChallengeResponse> observer) {
        answers.answer("replica-challenge", observer, challenges::challenge);
    }

    @Override
    public void join(JoinRequest request, StreamObserver<JoinResponse> observer) {
        answers.answer("join", observer, () -> desk.join(request));
    }

    @Override
    public void newestHead(NewestHeadRequest request, StreamObserver<NewestHeadResponse> observer) {
        answers.answer("newest-head", observer, () -> desk.newestHead(request));
    }
}
