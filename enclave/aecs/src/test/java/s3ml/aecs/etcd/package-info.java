/// Tests of the etcd store against members in memory that fail on command; real etcd clusters are started by the
/// integration tests of `sim`.
@NullMarked
package s3ml.aecs.etcd;

import org.jspecify.annotations.NullMarked;
