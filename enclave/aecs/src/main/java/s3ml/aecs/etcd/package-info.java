/// The record store over an etcd cluster, for an AECS with several replicas.
///
/// Entry type: [EtcdRecordStore]. It speaks etcd's v3 gRPC API through stubs of our own subset of it, fails over
/// between the members, and gives a commit an outcome that is certain wherever etcd's answer was lost.
///
/// Trust: none is placed in etcd beyond availability. TLS and a password keep strangers from writing to it; what keeps
/// etcd itself honest is the sealing and chaining in `s3ml.aecs.state`.
@NullMarked
package s3ml.aecs.etcd;

import org.jspecify.annotations.NullMarked;
