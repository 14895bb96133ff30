/// How soon load follows a change of weights: attested servers, the control plane's own messages to a real Envoy, and
/// the client library, over connections that stay, age or end, and with sealed bodies. Entry type:
/// [s3ml.lab.follow.FollowCommand]. Everything runs on this machine with simulated attestation.
@NullMarked
package s3ml.lab.follow;

import org.jspecify.annotations.NullMarked;
