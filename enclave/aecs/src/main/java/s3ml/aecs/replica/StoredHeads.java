package s3ml.aecs.replica;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.SealedState;
import s3ml.wire.aecs.state.Head;
import s3ml.wire.aecs.state.SignedHead;

/// Looks at a store's head without the keys to verify it: for people who compare it with what they remember.
final class StoredHeads {
    private StoredHeads() {}

    static Optional<Head> peek(RecordStore store) {
        byte[] bytes = store.getAll(List.of(SealedState.HEAD_KEY)).getFirst();
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Head.parseFrom(SignedHead.parseFrom(bytes).getHead()));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }
}
