package s3ml.aecs.replica;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import s3ml.aecs.keys.Shares;
import s3ml.attest.Digest;
import s3ml.wire.aecs.RecoveryShare;

/// Shares of one splitting of one root. A stranger can make up a group of his own; it gives a root that opens nothing.
final class ShareGroup {
    private final RecoveryShare first;
    private final Map<Integer, ByteString> shares = new TreeMap<>();

    ShareGroup(RecoveryShare first) {
        this.first = first;
    }

    static boolean isWellFormed(RecoveryShare share) {
        int count = share.getShareDigestsCount();
        return share.getThreshold() >= 2
                && share.getThreshold() <= count
                && share.getIndex() >= 1
                && share.getIndex() <= count
                && share.getShareDigests(share.getIndex() - 1)
                        .equals(ByteString.copyFrom(
                                Digest.of(share.getShare().toByteArray()).bytes()));
    }

    boolean takes(RecoveryShare share) {
        return share.getInstanceId().equals(first.getInstanceId())
                && share.getGeneration() == first.getGeneration()
                && share.getThreshold() == first.getThreshold()
                && share.getShareDigestsList().equals(first.getShareDigestsList());
    }

    void add(RecoveryShare share) {
        shares.put(share.getIndex(), share.getShare());
    }

    int given() {
        return shares.size();
    }

    int needed() {
        return first.getThreshold();
    }

    int generation() {
        return first.getGeneration();
    }

    ByteString instanceId() {
        return first.getInstanceId();
    }

    List<ByteString> digests() {
        return first.getShareDigestsList();
    }

    /// The root, once there are enough shares.
    Optional<byte[]> combined() {
        if (shares.size() < first.getThreshold()) {
            return Optional.empty();
        }
        Map<Integer, byte[]> enough = new TreeMap<>();
        shares.forEach((index, share) -> {
            if (enough.size() < first.getThreshold()) {
                enough.put(index, share.toByteArray());
            }
        });
        return Optional.of(Shares.combine(enough));
    }
}
