/// What looks at requests beside their way through the engine: receipts that a client asked for, and spans of traces.
///
/// Entry: [s3ml.server.witness.RequestWitness]. Both are off unless configured; what leaves are salted digests and
/// identifiers, never contents.
@NullMarked
package s3ml.server.witness;

import org.jspecify.annotations.NullMarked;
