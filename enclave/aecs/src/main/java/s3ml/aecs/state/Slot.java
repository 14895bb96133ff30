package s3ml.aecs.state;

import com.google.protobuf.ByteString;

/// A record in memory with what the chain says of it.
///
/// @param record opened
/// @param digest SHA-256 of the sealed bytes in the store
record Slot(StoredRecord record, ByteString digest) {}
