package s3ml.client.log;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.Digest;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Signatures;
import s3ml.protocol.log.GrowingTree;
import s3ml.protocol.log.Merkle;
import s3ml.protocol.log.ProofPlan;
import s3ml.protocol.log.Subtree;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.ProveLogResponse;

/// A log in memory, signed by an identity of its own, that can also show a forked or a shorter self.
final class FakeLog implements WitnessClient.ProofSource {
    final KeyPair identity;
    final ByteString instanceId = ByteString.copyFrom("0123456789abcdef", StandardCharsets.US_ASCII);
    final List<ByteString> entries = new ArrayList<>();

    FakeLog() {
        this(Signatures.generate());
    }

    FakeLog(KeyPair identity) {
        this.identity = identity;
    }

    FakeLog grow(String action, int count) {
        for (int i = 0; i < count; i++) {
            entries.add(LogEntry.newBuilder()
                    .setAction(action + entries.size())
                    .build()
                    .toByteString());
        }
        return this;
    }

    LogHead head(int size) {
        GrowingTree tree = new GrowingTree();
        entries.subList(0, size).forEach(entry -> tree.append(entry.toByteArray()));
        return AecsMessages.signLogHead(identity.getPrivate(), size, tree.root().bytes(), 1_000 + size);
    }

    KnownLog known() {
        return new KnownLog(instanceId, ByteString.copyFrom(identity.getPublic().getEncoded()), head(entries.size()));
    }

    @Override
    public ProveLogResponse extension(long knownSize) {
        ProveLogResponse.Builder response = ProveLogResponse.newBuilder().setHead(head(entries.size()));
        if (knownSize <= entries.size()) {
            ProofPlan.consistency(knownSize, entries.size())
                    .prove(this::hash)
                    .forEach(hash -> response.addConsistency(ByteString.copyFrom(hash.bytes())));
        }
        return response.build();
    }

    private Digest hash(Subtree subtree) {
        if (subtree.level() == 0) {
            return Merkle.leaf(entries.get((int) subtree.index()).toByteArray());
        }
        Subtree left = new Subtree(subtree.level() - 1, subtree.index() * 2);
        Subtree right = new Subtree(subtree.level() - 1, subtree.index() * 2 + 1);
        return Merkle.node(hash(left), hash(right));
    }
}
