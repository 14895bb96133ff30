package s3ml.aecs.endpoint;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Consumer;
import s3ml.aecs.Aecs;
import s3ml.aecs.AecsConfig;
import s3ml.aecs.replica.RecoveryDesk;
import s3ml.aecs.state.RecordStore;
import s3ml.attest.EvidenceIssuer;
import s3ml.wire.aecs.AttestRequest;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.RecoveryGrpc;
import s3ml.wire.aecs.RecoveryStatusRequest;
import s3ml.wire.aecs.RecoveryStatusResponse;
import s3ml.wire.aecs.SubmitShareRequest;
import s3ml.wire.aecs.TrustGrpc;

/// What an AECS serves that lost its root secret: recovery, and nothing else.
public final class RecoveryEndpoint implements AutoCloseable {
    private final AecsServer server;

    private RecoveryEndpoint(AecsServer server) {
        this.server = server;
    }

    /// What recovery works with.
    public record Setting(RecordStore store, EvidenceIssuer issuer, AecsServer.TlsIdentity tls, Aecs.Context context) {}

    /// Starts to serve.
    ///
    /// @param done is called when enough shares opened the state; what it throws refuses that state
    public static RecoveryEndpoint start(
            AecsConfig.Listen listen, Setting setting, Consumer<RecoveryDesk.Recovered> done) {
        RecoveryDesk desk = new RecoveryDesk(
                setting.store(), setting.issuer(), setting.tls().keyDigest(), setting.context(), done);
        Counters counters = new Counters();
        Answers answers = new Answers(setting.context().audit(), counters);
        List<BindableService> services =
                List.of(new Recovery(desk, answers), new Evidence(desk, answers), Health.of(() -> false));
        return new RecoveryEndpoint(AecsServer.start(
                listen.address(),
                listen.port(),
                setting.tls(),
                List.of(new PeerRates(listen.peerCallsPerSecond(), System::nanoTime, counters)),
                services));
    }

    private static final class Recovery extends RecoveryGrpc.RecoveryImplBase {
        private final RecoveryDesk desk;
        private final Answers answers;

        Recovery(RecoveryDesk desk, Answers answers) {
            this.desk = desk;
            this.answers = answers;
        }

        @Override
        public void status(RecoveryStatusRequest request, StreamObserver<RecoveryStatusResponse> observer) {
            answers.answer("recovery-status", observer, () -> desk.status(request));
        }

        @Override
        public void submitShare(SubmitShareRequest request, StreamObserver<RecoveryStatusResponse> observer) {
            answers.answer("submit-share", observer, () -> desk.submit(request));
        }
    }

    private static final class Evidence extends TrustGrpc.TrustImplBase {
        private final RecoveryDesk desk;
        private final Answers answers;

        Evidence(RecoveryDesk desk, Answers answers) {
            this.desk = desk;
            this.answers = answers;
        }

        @Override
        public void attest(AttestRequest request, StreamObserver<AttestResponse> observer) {
            answers.answer("attest", observer, () -> desk.attest(request.getNonce()));
        }
    }

    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}
