/// Which operation of the Open Inference Protocol answers which client: real clients against one attested (simulated)
/// server.
///
/// Entry: [s3ml.lab.oip.OipCommand], which also writes the table in `docs/serving.md`.
@NullMarked
package s3ml.lab.oip;

import org.jspecify.annotations.NullMarked;
