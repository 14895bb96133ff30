package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import s3ml.wire.aecs.state.Commit;

/// Reads commits from the store and checks that each names the one before.
final class Chain {
    private static final int PAGE = 256;

    private final RecordReader store;

    Chain(RecordReader store) {
        this.store = store;
    }

    /// The commits `first` to `last`.
    ///
    /// @param before chain hash of commit `first - 1`, or empty when it is not known
    /// @param end chain hash that the last one must have
    List<Link> read(long first, long last, ByteString before, ByteString end) {
        List<Link> links = new ArrayList<>();
        ByteString previous = before;
        for (long page = first; page <= last; page += PAGE) {
            long pageEnd = Math.min(last, page + PAGE - 1);
            SortedMap<String, byte[]> found = store.range(Keys.commit(page), Keys.commit(pageEnd) + "~", PAGE);
            for (long sequence = page; sequence <= pageEnd; sequence++) {
                Link link = link(sequence, found.get(Keys.commit(sequence)), previous);
                links.add(link);
                previous = link.hash();
            }
        }
        if (!previous.equals(end)) {
            throw Faults.chain(last, "its hash is not the one in the signed head");
        }
        return links;
    }

    private static Link link(long sequence, byte @org.jspecify.annotations.Nullable [] bytes, ByteString previous) {
        if (bytes == null) {
            throw Faults.chain(sequence, "it is missing from the storage (truncated)");
        }
        try {
            Commit commit = Commit.parseFrom(bytes);
            if (commit.getSequence() != sequence) {
                throw Faults.chain(sequence, "the storage returned commit " + commit.getSequence() + " in its place");
            }
            if (!previous.isEmpty() && !commit.getPrevious().equals(previous)) {
                throw Faults.chain(sequence, "it does not follow the commit before it");
            }
            return new Link(commit, ByteString.copyFrom(Hashes.sha256(bytes)));
        } catch (InvalidProtocolBufferException e) {
            throw Faults.chain(sequence, "it is no Commit message (altered)");
        }
    }

    /// One verified commit and its hash.
    record Link(Commit commit, ByteString hash) {}
}
