/// The network's edge: gRPC over TLS 1.3, limits, health, metrics and log lines.
///
/// Entry type: [AecsServer].
///
/// Trust: Peers are unknown. Every message has a size limit and every call a deadline; refusals leave as codes.
@NullMarked
package s3ml.aecs.endpoint;

import org.jspecify.annotations.NullMarked;
