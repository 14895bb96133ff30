/// The owners' library: attest a service once, then talk to any of its replicas.
///
/// A data owner asks an attested AECS for the signed description of a service ([ServiceDirectory]), states what he
/// expects of it ([ModelExpectation]), and gets an [InferenceClient], which speaks the Open Inference Protocol v2 over
/// gRPC or REST, in TLS 1.3 that ends inside an enclave. Nothing is sent before the expectation holds.
///
/// Trust: the TEE vendor's root and the measured code that the owner's policy names. The network, the balancer and the
/// hosts are believed nothing; they can delay an answer or withhold it.
@NullMarked
package s3ml.client;

import org.jspecify.annotations.NullMarked;
