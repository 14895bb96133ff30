/// Who may call a service, and for what: rules that the service's owner writes, the AECS hands out with each lease, and
/// a model server obeys.
///
/// Entry type: [s3ml.protocol.access.AccessRules]. Rules of a lease are the owner's; rules that come from a host may
/// cost availability and nothing else, because a server prefers those of its lease. Tokens are kept as digests only.
@NullMarked
package s3ml.protocol.access;

import org.jspecify.annotations.NullMarked;
