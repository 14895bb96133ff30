/// How fast and how small the model server is: real processes, real sockets, the real TLS, beside a bare loop over the
/// same model.
///
/// Entry: [s3ml.lab.serve.ServeCommand]. Nothing is attested here: the keys that a lease would bring are made for the
/// run, so that
/// the figures are those of serving alone.
@NullMarked
package s3ml.lab.serve;

import org.jspecify.annotations.NullMarked;
