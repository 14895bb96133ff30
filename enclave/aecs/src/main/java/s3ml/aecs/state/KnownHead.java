package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import s3ml.wire.aecs.state.Head;

/// A head that somebody remembers: the store must hold it or an extension of it.
///
/// @param sequence ≥ 1
/// @param chainHash 32 bytes
public record KnownHead(long sequence, ByteString chainHash) {
    public KnownHead {
        if (sequence < 1 || chainHash.size() != Hashes.BYTES) {
            throw new IllegalArgumentException("no head: sequence " + sequence + ", hash of " + chainHash.size());
        }
    }

    /// What to remember of a head.
    public static KnownHead of(Head head) {
        return new KnownHead(head.getSequence(), head.getChainHash());
    }
}
