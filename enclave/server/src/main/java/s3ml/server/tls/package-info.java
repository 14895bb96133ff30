/// TLS 1.3 that ends in the enclave, by BoringSSL, under the key that the lease brought.
///
/// Entry: [s3ml.server.tls.ServingTls]. All replicas of a service share key and ticket keys, so a client resumes on any
/// of them and a balancer in front need not and cannot look inside.
@NullMarked
package s3ml.server.tls;

import org.jspecify.annotations.NullMarked;
