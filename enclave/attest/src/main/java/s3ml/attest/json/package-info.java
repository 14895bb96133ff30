/// JSON (RFC 8259) for documents of moderate size: policies, configurations, manifests, and what a PCCS answers.
///
/// Entry type: [s3ml.attest.json.Json]. The reader trusts nothing: it is strict about the grammar and UTF-8, refuses
/// duplicate members (two readers of one document must not see two documents), and bounds depth, size and numbers.
@NullMarked
package s3ml.attest.json;

import org.jspecify.annotations.NullMarked;
