package s3ml.protocol.log;

import com.google.protobuf.ByteString;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import s3ml.attest.Digest;
import s3ml.protocol.AecsMessages;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.LogReceipt;

/// Checks what an AECS says about its transparency log, down to the signature of its identity.
///
/// | code | meaning |
/// | --- | --- |
/// | `PRO-180` | the head is not signed by this AECS, or has no form of a head |
/// | `PRO-181` | the entry is not in the log under that head |
/// | `PRO-182` | the log is shorter than it was: rolled back |
/// | `PRO-183` | two heads contradict each other: the log was forked or rewritten |
/// | `PRO-184` | a proof has no form of one |
/// | `PRO-185` | the entries are not those under the head |
///
/// Thread-safe.
public final class LogVerifier {
    private final PublicKey identity;

    /// @param identity the key of an AECS that was attested, now or when it was noted down
    public LogVerifier(PublicKey identity) {
        this.identity = identity;
    }

    /// Whether the AECS signed this head.
    public LogVerdict head(LogHead head) {
        if (head.getRootHash().size() != Digest.BYTES || head.getTreeSize() < 0) {
            return notProven(
                    "PRO-180", "the head has a root of " + head.getRootHash().size() + " bytes");
        }
        if (!AecsMessages.verifyLogHead(identity, head)) {
            return notProven("PRO-180", "the head of size " + head.getTreeSize() + " is not signed by this AECS");
        }
        return new LogVerdict.Proven(head);
    }

    /// Whether the log holds the receipt's entry at its index.
    public LogVerdict receipt(LogReceipt receipt) {
        LogHead head = receipt.getHead();
        if (head(head) instanceof LogVerdict.NotProven unsigned) {
            return unsigned;
        }
        return inclusion(receipt.getEntry(), receipt.getIndex(), receipt.getInclusionList(), head);
    }

    /// Whether the log under a signed head holds `entry` at `index`.
    public LogVerdict inclusion(ByteString entry, long index, List<ByteString> path, LogHead head) {
        if (head(head) instanceof LogVerdict.NotProven unsigned) {
            return unsigned;
        }
        Optional<List<Digest>> hashes = hashes(path);
        if (hashes.isEmpty()) {
            return notProven("PRO-184", "the inclusion proof holds something else than hashes");
        }
        boolean included =
                Merkle.includes(Merkle.leaf(entry.toByteArray()), index, head.getTreeSize(), hashes.get(), root(head));
        return included
                ? new LogVerdict.Proven(head)
                : notProven(
                        "PRO-181",
                        "entry " + index + " is not in the log of " + head.getTreeSize()
                                + " entries, or is another one");
    }

    /// Whether `now` extends `before`: no entry that stood under the older head was changed or removed.
    ///
    /// @param before any head; it is verified too
    /// @param proof RFC 6962 section 2.1.2, from the size of `before` to that of `now`
    public LogVerdict extension(LogHead before, LogHead now, List<ByteString> proof) {
        for (LogHead head : List.of(before, now)) {
            if (head(head) instanceof LogVerdict.NotProven unsigned) {
                return unsigned;
            }
        }
        if (now.getTreeSize() < before.getTreeSize()) {
            return notProven(
                    "PRO-182",
                    "it has " + now.getTreeSize() + " entries now, and had " + before.getTreeSize()
                            + ": it was rolled back");
        }
        if (now.getTreeSize() == before.getTreeSize() && !now.getRootHash().equals(before.getRootHash())) {
            return notProven(
                    "PRO-183",
                    "the AECS signed two heads of size " + now.getTreeSize() + " with different roots: it was forked");
        }
        Optional<List<Digest>> hashes = hashes(proof);
        if (hashes.isEmpty()) {
            return notProven("PRO-184", "the consistency proof holds something else than hashes");
        }
        boolean extended =
                Merkle.isExtension(before.getTreeSize(), root(before), now.getTreeSize(), root(now), hashes.get());
        return extended
                ? new LogVerdict.Proven(now)
                : notProven(
                        "PRO-183",
                        "the log of " + now.getTreeSize() + " entries is not shown to begin with the "
                                + before.getTreeSize() + " entries seen before: it was forked or rewritten");
    }

    /// Whether these are all entries of the log under `head`, in order.
    public LogVerdict whole(GrowingTree entries, LogHead head) {
        if (head(head) instanceof LogVerdict.NotProven unsigned) {
            return unsigned;
        }
        if (entries.size() != head.getTreeSize()) {
            return notProven("PRO-185", entries.size() + " entries are given for a head over " + head.getTreeSize());
        }
        return entries.root().equals(root(head))
                ? new LogVerdict.Proven(head)
                : notProven("PRO-185", "an entry is changed, missing, or not in its place: the root is another one");
    }

    private static Digest root(LogHead head) {
        return Digest.ofBytes(head.getRootHash().toByteArray());
    }

    private static Optional<List<Digest>> hashes(List<ByteString> proof) {
        List<Digest> hashes = new ArrayList<>();
        for (ByteString hash : proof) {
            if (hash.size() != Digest.BYTES || hashes.size() == Merkle.MAX_PROOF) {
                return Optional.empty();
            }
            hashes.add(Digest.ofBytes(hash.toByteArray()));
        }
        return Optional.of(hashes);
    }

    private static LogVerdict.NotProven notProven(String code, String why) {
        return new LogVerdict.NotProven(code, why);
    }
}
