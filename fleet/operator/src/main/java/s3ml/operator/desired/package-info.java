/// What ought to be in the cluster, as pure functions from a custom resource to Kubernetes objects
/// ([s3ml.operator.desired.AecsObjects], [s3ml.operator.desired.ModelObjects]), and what ought to be said about it
/// ([s3ml.operator.desired.ModelDiagnosis]). No client, no clock. Nothing here is trusted by an enclave: all
/// configuration that is written is hostile input to the process that reads it.
@NullMarked
package s3ml.operator.desired;

import org.jspecify.annotations.NullMarked;
