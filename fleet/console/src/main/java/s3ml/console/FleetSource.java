package s3ml.console;

import s3ml.wire.fleet.Explanation;

/// Where the picture of the fleet comes from: a control plane over the network, or the one in this process.
@FunctionalInterface
public interface FleetSource {
    /// What was decided last, and from which reports.
    ///
    /// @throws s3ml.policy.FleetException `CON-104` if the control plane does not answer
    Explanation explain();
}
