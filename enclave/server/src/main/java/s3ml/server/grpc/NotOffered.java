package s3ml.server.grpc;

import io.grpc.stub.StreamObserver;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;
import s3ml.wire.inference.CudaSharedMemoryRegisterRequest;
import s3ml.wire.inference.CudaSharedMemoryRegisterResponse;
import s3ml.wire.inference.CudaSharedMemoryStatusRequest;
import s3ml.wire.inference.CudaSharedMemoryStatusResponse;
import s3ml.wire.inference.CudaSharedMemoryUnregisterRequest;
import s3ml.wire.inference.CudaSharedMemoryUnregisterResponse;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.LogSettingsRequest;
import s3ml.wire.inference.LogSettingsResponse;
import s3ml.wire.inference.SystemSharedMemoryRegisterRequest;
import s3ml.wire.inference.SystemSharedMemoryRegisterResponse;
import s3ml.wire.inference.SystemSharedMemoryStatusRequest;
import s3ml.wire.inference.SystemSharedMemoryStatusResponse;
import s3ml.wire.inference.SystemSharedMemoryUnregisterRequest;
import s3ml.wire.inference.SystemSharedMemoryUnregisterResponse;
import s3ml.wire.inference.TraceSettingRequest;
import s3ml.wire.inference.TraceSettingResponse;

/// The calls of Triton's service that make no sense in an enclave. Shared memory is answered as by a server to which
/// nobody has registered a region; the host's log and trace settings are not a caller's to change.
abstract class NotOffered extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    private static <T> void empty(StreamObserver<T> reply, T answer) {
        reply.onNext(answer);
        reply.onCompleted();
    }

    private static void refuse(StreamObserver<?> reply, String what) {
        reply.onError(Refusals.of(new RequestRefused(Fault.NOT_OFFERED, what)));
    }

    private static <T> void status(String region, StreamObserver<T> reply, T answer) {
        if (region.isEmpty()) {
            empty(reply, answer);
            return;
        }
        reply.onError(Refusals.of(new RequestRefused(
                Fault.NO_SUCH_REGION, "there is no shared memory region " + RequestRefused.quoted(region))));
    }

    @Override
    public void systemSharedMemoryStatus(
            SystemSharedMemoryStatusRequest request, StreamObserver<SystemSharedMemoryStatusResponse> reply) {
        status(request.getName(), reply, SystemSharedMemoryStatusResponse.getDefaultInstance());
    }

    @Override
    public void systemSharedMemoryRegister(
            SystemSharedMemoryRegisterRequest request, StreamObserver<SystemSharedMemoryRegisterResponse> reply) {
        refuse(reply, "shared memory would leave the enclave");
    }

    /// Clients unregister everything before they begin.
    @Override
    public void systemSharedMemoryUnregister(
            SystemSharedMemoryUnregisterRequest request, StreamObserver<SystemSharedMemoryUnregisterResponse> reply) {
        empty(reply, SystemSharedMemoryUnregisterResponse.getDefaultInstance());
    }

    @Override
    public void cudaSharedMemoryStatus(
            CudaSharedMemoryStatusRequest request, StreamObserver<CudaSharedMemoryStatusResponse> reply) {
        status(request.getName(), reply, CudaSharedMemoryStatusResponse.getDefaultInstance());
    }

    @Override
    public void cudaSharedMemoryRegister(
            CudaSharedMemoryRegisterRequest request, StreamObserver<CudaSharedMemoryRegisterResponse> reply) {
        refuse(reply, "shared memory would leave the enclave");
    }

    @Override
    public void cudaSharedMemoryUnregister(
            CudaSharedMemoryUnregisterRequest request, StreamObserver<CudaSharedMemoryUnregisterResponse> reply) {
        empty(reply, CudaSharedMemoryUnregisterResponse.getDefaultInstance());
    }

    @Override
    public void traceSetting(TraceSettingRequest request, StreamObserver<TraceSettingResponse> reply) {
        refuse(reply, "\"trace\" is not offered here");
    }

    @Override
    public void logSettings(LogSettingsRequest request, StreamObserver<LogSettingsResponse> reply) {
        refuse(reply, "\"logging\" is not offered here");
    }
}
