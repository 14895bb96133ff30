package s3ml.lab.paging;

/// What one policy made of one scenario.
///
/// @param name of the policy
/// @param role how it counts
/// @param goodput answers within the objective, per second
/// @param sloAttainment share of the offered requests answered within the objective
/// @param p99Millis over all answers
/// @param replicaHours replicas times hours
/// @param tickMillis median time of one control tick on this machine
record Outcome(
        String name,
        Contender.Role role,
        double goodput,
        double sloAttainment,
        double p99Millis,
        double replicaHours,
        double tickMillis) {}
