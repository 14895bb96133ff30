package s3ml.client.log;

import com.google.protobuf.ByteString;
import java.util.Optional;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.log.LogVerdict;
import s3ml.protocol.log.LogVerifier;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.LogReceipt;
import s3ml.wire.aecs.ProveLogRequest;
import s3ml.wire.aecs.ProveLogResponse;
import s3ml.wire.aecs.ReadLogRequest;
import s3ml.wire.aecs.ReadLogResponse;
import s3ml.wire.aecs.TrustGrpc;

/// Reads the transparency log of an attested AECS, and refuses one that does not extend what was seen before.
///
/// Safe for use by several threads.
///
/// Codes: those of [LogVerifier]; `CLI-173` a remembered log of another identity; `CLI-174` an answer of a wrong form.
public final class LogClient {
    /// What one `ReadLog` may ask for.
    private static final int PAGE = 256;

    private final AecsChannel channel;
    private final HeadMemory memory;

    /// @param memory where the newest head is kept between runs
    public LogClient(AecsChannel channel, HeadMemory memory) {
        this.channel = channel;
        this.memory = memory;
    }

    /// The newest head, proven to extend the remembered one, and remembered in its place.
    ///
    /// @throws S3mlException `PRO-180` to `PRO-184`: the log was rolled back, forked or rewritten, or the AECS cannot
    ///     prove the contrary; the remembered head stays
    public KnownLog head() {
        return channel.call((calls, aecs) -> {
            Optional<KnownLog> before = before(aecs);
            long knownSize = before.map(log -> log.head().getTreeSize()).orElse(0L);
            ProveLogResponse answer = TrustGrpc.newBlockingStub(calls)
                    .proveLog(
                            ProveLogRequest.newBuilder().setKnownSize(knownSize).build());
            KnownLog now = log(aecs, answer.getHead());
            LogVerifier verifier = now.verifier();
            require(before.map(log -> verifier.extension(log.head(), answer.getHead(), answer.getConsistencyList()))
                    .orElseGet(() -> verifier.head(answer.getHead())));
            memory.remember(now);
            return now;
        });
    }

    /// What a proof that the log extends `knownSize` entries consists of; for witnesses.
    public ProveLogResponse extension(long knownSize) {
        return channel.call((calls, aecs) -> TrustGrpc.newBlockingStub(calls)
                .proveLog(ProveLogRequest.newBuilder().setKnownSize(knownSize).build()));
    }

    /// One entry with the proof that it stands under the newest head, which extends the remembered one.
    public LogReceipt prove(long index) {
        return channel.call((calls, aecs) -> {
            Optional<KnownLog> before = before(aecs);
            ProveLogResponse answer = TrustGrpc.newBlockingStub(calls)
                    .proveLog(ProveLogRequest.newBuilder()
                            .setKnownSize(
                                    before.map(log -> log.head().getTreeSize()).orElse(0L))
                            .setEntryIndex(index)
                            .setProveEntry(true)
                            .build());
            KnownLog now = log(aecs, answer.getHead());
            LogVerifier verifier = now.verifier();
            before.ifPresent(
                    log -> require(verifier.extension(log.head(), answer.getHead(), answer.getConsistencyList())));
            LogReceipt receipt = LogReceipt.newBuilder()
                    .setIndex(index)
                    .setEntry(answer.getEntry())
                    .addAllInclusion(answer.getInclusionList())
                    .setHead(answer.getHead())
                    .build();
            require(verifier.receipt(receipt));
            memory.remember(now);
            return receipt;
        });
    }

    /// Saves the whole log under its newest head, verified while it is read.
    public SavedLog.Writer save(java.nio.file.Path file) {
        KnownLog log = head();
        SavedLog.Writer writer = SavedLog.write(file, log);
        long size = log.head().getTreeSize();
        while (writer.size() < size) {
            long first = writer.size();
            int count = (int) Math.min(PAGE, size - first);
            ReadLogResponse page = channel.call((calls, aecs) -> TrustGrpc.newBlockingStub(calls)
                    .readLog(ReadLogRequest.newBuilder()
                            .setFirst(first)
                            .setCount(count)
                            .build()));
            if (page.getEntriesCount() != count) {
                throw new S3mlException(
                        "CLI-174",
                        "the AECS did not give the whole log",
                        page.getEntriesCount() + " entries instead of " + count + " from " + first + " on",
                        "ask another replica");
            }
            page.getEntriesList().forEach(writer::add);
        }
        require(writer.finish());
        return writer;
    }

    private Optional<KnownLog> before(AttestedAecs aecs) {
        Optional<KnownLog> known = memory.known(aecs.instanceId());
        byte[] identity = aecs.identityKey().getEncoded();
        if (known.isPresent() && !known.get().identityKey().equals(ByteString.copyFrom(identity))) {
            throw new S3mlException(
                    "CLI-173",
                    "refused the AECS " + known.get().instanceHex(),
                    "it has another identity than when its log was seen first",
                    "find out who runs it; an AECS keeps its identity for life");
        }
        return known;
    }

    private static KnownLog log(AttestedAecs aecs, LogHead head) {
        return new KnownLog(
                aecs.instanceId(), ByteString.copyFrom(aecs.identityKey().getEncoded()), head);
    }

    static void require(LogVerdict verdict) {
        switch (verdict) {
            case LogVerdict.Proven proven -> {}
            case LogVerdict.NotProven refused ->
                throw new S3mlException(
                        refused.code(),
                        "refused the transparency log",
                        refused.why(),
                        "keep both heads: they are the evidence; compare with a witness before using this AECS again");
        }
    }
}
