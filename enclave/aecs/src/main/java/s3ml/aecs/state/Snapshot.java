package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.util.NavigableMap;
import s3ml.wire.aecs.state.Head;

/// The whole verified state at one head, as it was loaded.
///
/// @param headBytes the serialized `SignedHead` as stored: what a conditional commit compares with
record Snapshot(Head head, ByteString headBytes, NavigableMap<String, Slot> records) {}
