package s3ml.aecs.endpoint;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.util.List;
import s3ml.aecs.admin.AdminDesk;
import s3ml.aecs.release.ReleaseDesk;
import s3ml.aecs.release.SecretUse;
import s3ml.aecs.trust.TrustDesk;
import s3ml.wire.aecs.AdminGrpc;
import s3ml.wire.aecs.AttestRequest;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.BackupPart;
import s3ml.wire.aecs.ChallengeRequest;
import s3ml.wire.aecs.ChallengeResponse;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.DescribeServiceRequest;
import s3ml.wire.aecs.DescribeServiceResponse;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.ProveLogRequest;
import s3ml.wire.aecs.ProveLogResponse;
import s3ml.wire.aecs.ReadLogRequest;
import s3ml.wire.aecs.ReadLogResponse;
import s3ml.wire.aecs.ReleaseRequest;
import s3ml.wire.aecs.ReleaseResponse;
import s3ml.wire.aecs.SignedCommand;
import s3ml.wire.aecs.TrustGrpc;
import s3ml.wire.aecs.UseSecretRequest;
import s3ml.wire.aecs.UseSecretResponse;

/// The services of `aecs.proto`, each call handed to its desk.
public final class GrpcServices {
    private final Answers answers;

    GrpcServices(Answers answers) {
        this.answers = answers;
    }

    List<BindableService> of(TrustDesk trust, ReleaseDesk release, SecretUse use, AdminDesk admin) {
        return List.of(new Trust(trust), new KeyRelease(release, use), new Admin(admin));
    }

    private final class Trust extends TrustGrpc.TrustImplBase {
        private final TrustDesk desk;

        Trust(TrustDesk desk) {
            this.desk = desk;
        }

        @Override
        public void attest(AttestRequest request, StreamObserver<AttestResponse> observer) {
            answers.answer("attest", observer, () -> desk.attest(request.getNonce()));
        }

        @Override
        public void describeService(DescribeServiceRequest request, StreamObserver<DescribeServiceResponse> observer) {
            answers.answer("describe-service", observer, () -> desk.describe(request));
        }

        @Override
        public void proveLog(ProveLogRequest request, StreamObserver<ProveLogResponse> observer) {
            answers.answer("prove-log", observer, () -> desk.prove(request));
        }

        @Override
        public void readLog(ReadLogRequest request, StreamObserver<ReadLogResponse> observer) {
            answers.answer("read-log", observer, () -> desk.read(request));
        }
    }

    private final class KeyRelease extends KeyReleaseGrpc.KeyReleaseImplBase {
        private final ReleaseDesk desk;
        private final SecretUse use;

        KeyRelease(ReleaseDesk desk, SecretUse use) {
            this.desk = desk;
            this.use = use;
        }

        @Override
        public void challenge(ChallengeRequest request, StreamObserver<ChallengeResponse> observer) {
            answers.answer("challenge", observer, desk::challenge);
        }

        @Override
        public void release(ReleaseRequest request, StreamObserver<ReleaseResponse> observer) {
            answers.answer("release", observer, () -> desk.release(request));
        }

        @Override
        public void useSecret(UseSecretRequest request, StreamObserver<UseSecretResponse> observer) {
            answers.answer("use-secret", observer, () -> use.use(request));
        }
    }

    private final class Admin extends AdminGrpc.AdminImplBase {
        private final AdminDesk desk;

        Admin(AdminDesk desk) {
            this.desk = desk;
        }

        @Override
        public void execute(SignedCommand request, StreamObserver<CommandResult> observer) {
            answers.answer("execute", observer, () -> desk.execute(request));
        }

        @Override
        public void backup(SignedCommand request, StreamObserver<BackupPart> observer) {
            answers.stream("backup", observer, parts -> desk.backup(request, parts));
        }
    }
}
