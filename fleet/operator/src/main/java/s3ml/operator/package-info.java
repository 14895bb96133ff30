/// The operator: keeps a cluster as its `SecureModel` and `ConfigurationService` resources say. Entry type is
/// [s3ml.operator.OperatorMain]. It is on the operator's side of the trust boundary: it starts, places and counts
/// sealed replicas, and cannot read what they hold. A hostile operator can stop a service; it cannot open one.
@NullMarked
package s3ml.operator;

import org.jspecify.annotations.NullMarked;
