package s3ml.aecs.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.state.RecordReader;
import s3ml.aecs.state.RecordStore;
import s3ml.attest.S3mlException;
import s3ml.wire.etcd.CompactionRequest;
import s3ml.wire.etcd.Compare;
import s3ml.wire.etcd.DeleteRangeRequest;
import s3ml.wire.etcd.KeyValue;
import s3ml.wire.etcd.PutRequest;
import s3ml.wire.etcd.RangeRequest;
import s3ml.wire.etcd.RangeResponse;
import s3ml.wire.etcd.RequestOp;
import s3ml.wire.etcd.ResponseHeader;
import s3ml.wire.etcd.TxnRequest;
import s3ml.wire.etcd.TxnResponse;

/// An etcd cluster as a record store: reads are linearizable, a commit is one etcd transaction guarded by a comparison.
///
/// A commit whose answer was lost is tried again on another member: the guard keeps it from being made twice, and a
/// mark that it leaves in a key of this process alone tells whether it was made the first time. Every few thousand
/// commits old revisions are compacted, so that etcd's file does not grow with history.
public final class EtcdRecordStore implements RecordStore {
    /// Commits of this process between two compactions.
    private static final int COMPACT_EVERY = 4096;

    /// How often a reading begins again because its revision was compacted away; each time at least
    /// [#COMPACT_KEEPS] commits went by.
    private static final int MAX_AGAIN = 20;

    /// Revisions that stay, so that a reading under way still finds its own.
    private static final int COMPACT_KEEPS = 1024;

    /// Where the marks lie: behind every key of the records, whose names begin with a letter.
    private static final String MARKERS = "~writer/";

    private final EtcdMembers members;
    private final String prefix;
    private final String marker;
    private final ReentrantLock committing = new ReentrantLock();
    private long lastMark;
    private long commits;

    private EtcdRecordStore(EtcdConfig config, RandomGenerator random) {
        this.members = new EtcdMembers(config);
        this.prefix = config.prefix();
        this.marker = MARKERS
                + HexFormat.of().toHexDigits(random.nextLong())
                + HexFormat.of().toHexDigits(random.nextLong());
    }

    /// Connects; whether anybody answers shows at the first call.
    ///
    /// @param random names this process among those that share the cluster
    public static EtcdRecordStore open(EtcdConfig config, RandomGenerator random) {
        return new EtcdRecordStore(config, random);
    }

    @Override
    public List<byte @Nullable []> getAll(List<String> keys) {
        return atOneMoment(reader -> reader.getAll(keys));
    }

    @Override
    public SortedMap<String, byte[]> range(String from, String to, int limit) {
        return atOneMoment(reader -> reader.range(from, to, limit));
    }

    @Override
    public <T> T atOneMoment(Function<RecordReader, T> reading) {
        for (int again = 0; ; again++) {
            try {
                return reading.apply(new Moment());
            } catch (RevisionGone e) {
                if (again == MAX_AGAIN) {
                    throw EtcdFaults.failed("reading", "a member", e.failure);
                }
            }
        }
    }

    /// Reads at the revision of its first answer.
    private final class Moment implements RecordReader {
        private long revision;

        @Override
        public List<byte @Nullable []> getAll(List<String> keys) {
            List<byte @Nullable []> values = new ArrayList<>(keys.size());
            for (int start = 0; start < keys.size(); start += MAX_WRITES) {
                List<String> page = keys.subList(start, Math.min(keys.size(), start + MAX_WRITES));
                TxnRequest.Builder reads = TxnRequest.newBuilder();
                for (String key : page) {
                    reads.addSuccess(RequestOp.newBuilder()
                            .setRequestRange(
                                    RangeRequest.newBuilder().setKey(name(key)).setRevision(revision)));
                }
                TxnResponse answer = read(member -> member.txn(reads.build()));
                if (answer.getResponsesCount() != page.size()) {
                    throw EtcdFaults.malformed(answer.getResponsesCount() + " values for " + page.size() + " keys");
                }
                for (int i = 0; i < page.size(); i++) {
                    values.add(only(page.get(i), answer.getResponses(i).getResponseRange()));
                }
                settle(answer.getHeader());
            }
            return values;
        }

        @Override
        public SortedMap<String, byte[]> range(String from, String to, int limit) {
            RangeRequest request = RangeRequest.newBuilder()
                    .setKey(name(from))
                    .setRangeEnd(name(to))
                    .setLimit(limit)
                    .setRevision(revision)
                    .build();
            RangeResponse answer = read(member -> member.range(request));
            settle(answer.getHeader());
            return entries(answer, limit);
        }

        private void settle(ResponseHeader header) {
            if (header.getRevision() <= 0) {
                throw EtcdFaults.malformed("an answer without a revision");
            }
            if (revision == 0) {
                revision = header.getRevision();
            }
        }
    }

    private SortedMap<String, byte[]> entries(RangeResponse answer, int limit) {
        if (answer.getKvsCount() > limit) {
            throw EtcdFaults.malformed(answer.getKvsCount() + " entries where " + limit + " were asked for");
        }
        SortedMap<String, byte[]> found = new TreeMap<>();
        for (KeyValue entry : answer.getKvsList()) {
            String key = entry.getKey().toString(StandardCharsets.ISO_8859_1);
            if (!key.startsWith(prefix)) {
                throw EtcdFaults.malformed("a key outside \"" + prefix + "\"");
            }
            found.put(key.substring(prefix.length()), entry.getValue().toByteArray());
        }
        return found;
    }

    private byte @Nullable [] only(String key, RangeResponse range) {
        if (range.getKvsCount() == 0) {
            return null;
        }
        KeyValue found = range.getKvs(0);
        if (range.getKvsCount() > 1 || !found.getKey().equals(name(key))) {
            throw EtcdFaults.malformed("another key than \"" + key + "\"");
        }
        return found.getValue().toByteArray();
    }

    @Override
    public boolean commit(String guard, byte @Nullable [] expected, List<Write> writes) {
        if (writes.size() > MAX_WRITES) {
            throw new IllegalArgumentException(writes.size() + " writes are more than " + MAX_WRITES);
        }
        committing.lock();
        try {
            ByteString mark = ByteString.copyFromUtf8(Long.toString(++lastMark));
            TxnRequest request = request(guard, expected, writes, mark);
            TxnResponse answer = members.call("committing", member -> member.txn(request));
            if (answer.getSucceeded()) {
                compactNowAndThen(answer.getHeader().getRevision());
                return true;
            }
            // The comparison also fails at a second try, when the first one was made and only its answer was lost.
            byte[] marked = answer.getResponsesCount() == 1
                    ? only(marker, answer.getResponses(0).getResponseRange())
                    : null;
            return marked != null && mark.equals(ByteString.copyFrom(marked));
        } finally {
            committing.unlock();
        }
    }

    private TxnRequest request(String guard, byte @Nullable [] expected, List<Write> writes, ByteString mark) {
        Compare.Builder compare =
                Compare.newBuilder().setResult(Compare.CompareResult.EQUAL).setKey(name(guard));
        if (expected == null) {
            compare.setTarget(Compare.CompareTarget.VERSION).setVersion(0);
        } else {
            compare.setTarget(Compare.CompareTarget.VALUE).setValue(ByteString.copyFrom(expected));
        }
        TxnRequest.Builder transaction =
                TxnRequest.newBuilder().addCompare(compare).addSuccess(put(marker, mark));
        for (Write write : writes) {
            byte[] value = write.value();
            if (value == null) {
                transaction.addSuccess(RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(name(write.key()))));
            } else {
                transaction.addSuccess(put(write.key(), ByteString.copyFrom(value)));
            }
        }
        return transaction
                .addFailure(RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(name(marker))))
                .build();
    }

    private RequestOp put(String key, ByteString value) {
        return RequestOp.newBuilder()
                .setRequestPut(PutRequest.newBuilder().setKey(name(key)).setValue(value))
                .build();
    }

    private <T> T read(EtcdMembers.Call<T> call) {
        try {
            return members.call("reading", call);
        } catch (S3mlException e) {
            if (e.getCause() instanceof StatusRuntimeException failure
                    && failure.getStatus().getCode() == Status.Code.OUT_OF_RANGE) {
                throw new RevisionGone(failure);
            }
            throw e;
        }
    }

    private void compactNowAndThen(long revision) {
        if (++commits % COMPACT_EVERY == 0 && revision > COMPACT_KEEPS) {
            compact(revision - COMPACT_KEEPS);
        }
    }

    /// Lets etcd forget what was overwritten or deleted before `revision`.
    void compact(long revision) {
        CompactionRequest request =
                CompactionRequest.newBuilder().setRevision(revision).build();
        try {
            members.call("compacting", member -> member.compact(request));
        } catch (S3mlException e) {
            // Another replica may have compacted further already; and a failure costs room, not correctness: the next
            // compaction makes up for it.
            if (e.getCause() == null) {
                throw e;
            }
        }
    }

    private ByteString name(String key) {
        return ByteString.copyFrom(prefix + key, StandardCharsets.ISO_8859_1);
    }

    @Override
    public String kind() {
        return "etcd";
    }

    /// Also removes this process's mark, if the cluster can be reached.
    @Override
    public void close() {
        try {
            DeleteRangeRequest request =
                    DeleteRangeRequest.newBuilder().setKey(name(marker)).build();
            members.once(member -> member.deleteRange(request));
        } finally {
            members.close();
        }
    }

    /// The revision a reading began at was compacted away.
    private static final class RevisionGone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final StatusRuntimeException failure;

        RevisionGone(StatusRuntimeException failure) {
            super(failure);
            this.failure = failure;
        }
    }
}
