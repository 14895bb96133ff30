/// Several replicas of one AECS: how a new one gets the root secret, how they notice a forked store, and how a cluster
/// that lost all of them comes back.
///
/// Entry types: [JoinDesk] and [HeadWatch] in a running replica, [Joiner] in a new one, [RecoveryDesk] when none runs.
///
/// Trust: replicas trust each other by evidence only. A giver asks for the policy that the admins set; a joiner accepts
/// a giver of its own measurement, and with `acceptSigner` of its own signer. Peers' addresses come from the host and
/// prove nothing.
@NullMarked
package s3ml.aecs.replica;

import org.jspecify.annotations.NullMarked;
