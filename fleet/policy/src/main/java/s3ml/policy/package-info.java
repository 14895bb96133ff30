/// Decisions of the operator's side: host reports in, weights, replicas and places out.
///
/// Everything here is pure: no threads, no I/O, no clock, no randomness of its own. The control plane and the cluster
/// simulator run these very classes. The entry types are [s3ml.policy.WeightPolicy] (which host gets how much load) and
/// [s3ml.policy.ScalePolicy] (how many replicas, and where). A decision is a value that also carries the memory of the
/// policy and the numbers which led to it, so the previous decision is all the state there is.
///
/// Trust: reports come from hosts which may be broken or lie. They are vetted first, and the bounds of the policies
/// hold for any input: a report can cost latency, never secrecy, and never the whole load.
@NullMarked
package s3ml.policy;

import org.jspecify.annotations.NullMarked;
