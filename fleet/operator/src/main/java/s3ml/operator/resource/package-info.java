/// The custom resources, as the records from which their definitions are generated: what a provider writes
/// ([s3ml.operator.resource.SecureModel], [s3ml.operator.resource.ConfigurationService]) and what the operator answers
/// in their status. The texts of `@JsonPropertyDescription` are what `kubectl explain` prints. Nothing here is secret
/// and nothing here is trusted by an enclave: a resource can start, stop and place sealed replicas, never open them.
@NullMarked
package s3ml.operator.resource;

import org.jspecify.annotations.NullMarked;
