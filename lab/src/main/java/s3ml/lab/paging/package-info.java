/// Experiments on EPC paging: a cluster simulator under a virtual clock, and the commands that print its figures.
///
/// [s3ml.lab.paging.Cluster] runs the very classes of `s3ml.policy` that the control plane runs, over a model of hosts
/// whose enclaves share an EPC and one reclaimer. Nothing here is trusted, and nothing here is released.
@NullMarked
package s3ml.lab.paging;

import org.jspecify.annotations.NullMarked;
