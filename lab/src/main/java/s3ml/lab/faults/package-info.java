/// How the AECS's state stands up to faults: random histories under a virtual clock, and real etcd clusters whose nodes
/// are killed, cut off, stopped and filled, and attested AECS processes under load.
///
/// Entry types: [Histories] for the simulation, [FaultTable] for the table of `lab aecs-faults`. Nothing here is
/// trusted or released.
@NullMarked
package s3ml.lab.faults;

import org.jspecify.annotations.NullMarked;
