/// Who calls, and whether they may.
///
/// Entry: [s3ml.server.access.Gate]. What a peer shows is untrusted until it is found in the rules, and the rules are
/// those of the lease; those of the host are used only where the lease has none.
@NullMarked
package s3ml.server.access;

import org.jspecify.annotations.NullMarked;
