/// Fault tests of the AECS's state: random histories in memory, and real etcd clusters.
@NullMarked
package s3ml.lab.faults;

import org.jspecify.annotations.NullMarked;
