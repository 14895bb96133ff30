/// The control plane: takes the hosts' reports, runs the policies once a tick, and tells data planes (Envoy, gRPC
/// clients) the weights.
///
/// Entry type: [s3ml.control.ControlMain] (`s3ml control`). Trust: it runs on the operator's side, sees counters and
/// addresses, and is trusted for availability only. A host may report only in the name of its certificate, unless all
/// agents share one; and only the peer with the governor's name may say what the fleet is.
@NullMarked
package s3ml.control;

import org.jspecify.annotations.NullMarked;
