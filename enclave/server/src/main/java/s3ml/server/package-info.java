/// The model server: takes a lease from the AECS, opens the encrypted models it was given keys for, and answers
/// inference requests over TLS that ends here.
///
/// Entry: [s3ml.server.ServerProcess], wired by a main. Everything that reaches this process is untrusted: requests,
/// configuration, packages and the host; only the lease, opened and signed by an attested AECS, is believed.
@NullMarked
package s3ml.server;

import org.jspecify.annotations.NullMarked;
