package s3ml.aecs.state;

import com.google.protobuf.ByteString;

/// A record as the state holds it in enclave memory, opened.
///
/// @param version the sequence of the commit that wrote it: grows with every change, never comes twice
/// @param content the record's plaintext
public record StoredRecord(long version, ByteString content) {}
