/// How fast and how small the model server is: real processes, real sockets, the real TLS, beside the model alone and
/// beside other servers.
///
/// Entries: [s3ml.lab.serve.ServeCommand], whose servers attest themselves on the simulated platform, and
/// [s3ml.lab.serve.BareServer], a server without attestation for experiments that measure something else.
@NullMarked
package s3ml.lab.serve;

import org.jspecify.annotations.NullMarked;
