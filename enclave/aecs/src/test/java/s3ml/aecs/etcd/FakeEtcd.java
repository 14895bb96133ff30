package s3ml.aecs.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import s3ml.wire.etcd.CompactionRequest;
import s3ml.wire.etcd.CompactionResponse;
import s3ml.wire.etcd.Compare;
import s3ml.wire.etcd.DeleteRangeRequest;
import s3ml.wire.etcd.DeleteRangeResponse;
import s3ml.wire.etcd.KVGrpc;
import s3ml.wire.etcd.KeyValue;
import s3ml.wire.etcd.RangeRequest;
import s3ml.wire.etcd.RangeResponse;
import s3ml.wire.etcd.RequestOp;
import s3ml.wire.etcd.ResponseHeader;
import s3ml.wire.etcd.ResponseOp;
import s3ml.wire.etcd.TxnRequest;
import s3ml.wire.etcd.TxnResponse;

/// One member of an etcd cluster in memory, served over loopback, that fails when it is told to.
///
/// Several members share one [Data]. Each transaction takes the next fault from the member's script, if there is one.
final class FakeEtcd implements AutoCloseable {
    /// What goes wrong with one transaction.
    enum Fault {
        /// The member refuses before it does anything.
        REFUSED,
        /// The transaction is made, and its answer is lost.
        ANSWER_LOST,
        /// The transaction is made, another client commits on top, and the answer is lost.
        ANSWER_LOST_AND_OVERTAKEN,
        /// Another client commits first, then the connection breaks.
        OVERTAKEN_AND_REFUSED,
        /// The member holds the call until its deadline.
        HANGS
    }

    /// What all members of one cluster agree on.
    static final class Data {
        final NavigableMap<String, ByteString> values = new TreeMap<>();
        final NavigableMap<Long, NavigableMap<String, ByteString>> history = new TreeMap<>();
        long compacted;
        long revision = 1;
        int transactions;
        Runnable overtaking = () -> {};
    }

    final Deque<Fault> script = new ArrayDeque<>();
    private final Data data;
    private final Server server;
    private UnaryOperator<RangeResponse.Builder> lie = builder -> builder;

    FakeEtcd(Data data) {
        this.data = data;
        try {
            this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .addService(new Kv())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String endpoint() {
        return "127.0.0.1:" + server.getPort();
    }

    /// Makes this member change what it read before it answers.
    void lie(UnaryOperator<RangeResponse.Builder> newLie) {
        lie = newLie;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
            synchronized (data) {
                if (request.getRevision() > 0 && request.getRevision() < data.compacted) {
                    answer.onError(compacted());
                    return;
                }
                answer.onNext(read(request));
            }
            answer.onCompleted();
        }

        @Override
        public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> answer) {
            synchronized (data) {
                data.values.remove(request.getKey().toStringUtf8());
            }
            answer.onNext(DeleteRangeResponse.getDefaultInstance());
            answer.onCompleted();
        }

        @Override
        public void compact(CompactionRequest request, StreamObserver<CompactionResponse> answer) {
            answer.onNext(CompactionResponse.getDefaultInstance());
            answer.onCompleted();
        }

        @Override
        public void txn(TxnRequest request, StreamObserver<TxnResponse> answer) {
            Fault fault = request.getCompareCount() > 0 ? script.poll() : null;
            if (fault == Fault.HANGS) {
                return;
            }
            synchronized (data) {
                data.transactions++;
                if (fault == Fault.OVERTAKEN_AND_REFUSED) {
                    data.overtaking.run();
                }
                if (fault == Fault.REFUSED || fault == Fault.OVERTAKEN_AND_REFUSED) {
                    answer.onError(
                            Status.UNAVAILABLE.withDescription("no leader").asRuntimeException());
                    return;
                }
                TxnResponse response = apply(request);
                if (fault == null) {
                    answer.onNext(response);
                    answer.onCompleted();
                    return;
                }
                if (fault == Fault.ANSWER_LOST_AND_OVERTAKEN) {
                    data.overtaking.run();
                }
                answer.onError(
                        Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
            }
        }
    }

    private static io.grpc.StatusRuntimeException compacted() {
        return Status.OUT_OF_RANGE
                .withDescription("required revision has been compacted")
                .asRuntimeException();
    }

    private TxnResponse apply(TxnRequest request) {
        boolean holds = request.getCompareList().stream().allMatch(this::holds);
        data.history.put(data.revision, new TreeMap<>(data.values));
        if (holds && request.getSuccessList().stream().anyMatch(operation -> !operation.hasRequestRange())) {
            data.revision++;
        }
        TxnResponse.Builder response = TxnResponse.newBuilder()
                .setSucceeded(holds)
                .setHeader(ResponseHeader.newBuilder().setRevision(data.revision));
        for (RequestOp operation : holds ? request.getSuccessList() : request.getFailureList()) {
            response.addResponses(apply(operation));
        }
        return response.build();
    }

    private ResponseOp apply(RequestOp operation) {
        return switch (operation.getRequestCase()) {
            case REQUEST_RANGE ->
                ResponseOp.newBuilder()
                        .setResponseRange(read(operation.getRequestRange()))
                        .build();
            case REQUEST_PUT -> {
                data.values.put(
                        operation.getRequestPut().getKey().toStringUtf8(),
                        operation.getRequestPut().getValue());
                yield ResponseOp.getDefaultInstance();
            }
            case REQUEST_DELETE_RANGE -> {
                data.values.remove(operation.getRequestDeleteRange().getKey().toStringUtf8());
                yield ResponseOp.getDefaultInstance();
            }
            case REQUEST_NOT_SET -> throw new IllegalStateException("an empty operation");
        };
    }

    private boolean holds(Compare compare) {
        ByteString value = data.values.get(compare.getKey().toStringUtf8());
        return compare.getTarget() == Compare.CompareTarget.VERSION
                ? (value == null) == (compare.getVersion() == 0)
                : compare.getValue().equals(value);
    }

    private RangeResponse read(RangeRequest request) {
        RangeResponse.Builder found =
                RangeResponse.newBuilder().setHeader(ResponseHeader.newBuilder().setRevision(data.revision));
        long revision = request.getRevision();
        NavigableMap<String, ByteString> values = revision == 0 || revision == data.revision
                ? data.values
                : data.history.getOrDefault(revision, data.values);
        String from = request.getKey().toStringUtf8();
        NavigableMap<String, ByteString> part = request.getRangeEnd().isEmpty()
                ? values.subMap(from, true, from, true)
                : values.subMap(from, true, request.getRangeEnd().toStringUtf8(), false);
        long limit = request.getLimit() == 0 ? Long.MAX_VALUE : request.getLimit();
        part.entrySet().stream()
                .limit(limit)
                .forEach(entry -> found.addKvs(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8(entry.getKey()))
                        .setValue(entry.getValue())));
        return lie.apply(found).build();
    }
}
