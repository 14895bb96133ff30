/// The AECS's memory: sealed records in a store that is not trusted.
///
/// Entry type: [SealedState], which reads and changes records in transactions. Below it lies a [RecordStore] (SQLite
/// or etcd), above it the services of the AECS.
///
/// Trust: the store may insert, delete, swap, replay, truncate and fork; all of that is detected here, by AES-256-GCM
/// on every record with its name and version in the associated data, a hash chain over all commits, and a signed head.
/// What cannot be detected by one process alone is a store that was rolled back as a whole while no replica was
/// running: that takes a remembered head, of a replica, a witness or a client.
@NullMarked
package s3ml.aecs.state;

import org.jspecify.annotations.NullMarked;
