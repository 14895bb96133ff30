package s3ml.policy;

import java.time.Duration;

/// What the agent saw of one replica in its window. Not checked when built, see [ReportVetting].
///
/// @param replica name of the replica, unique in the fleet
/// @param model the model it serves
/// @param arrivalsPerSecond requests that arrived, refused and waiting ones included
/// @param outstanding requests accepted and not yet answered, mean of the window
/// @param latencyP99 of the answers in the window; zero when there was none
public record ReplicaReport(
        String replica, String model, double arrivalsPerSecond, double outstanding, Duration latencyP99) {}
