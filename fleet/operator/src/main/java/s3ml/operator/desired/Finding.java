package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One thing that holds or does not, before it becomes a condition with a time.
///
/// @param type what is judged, for example `Ready`
/// @param holds whether it does
/// @param reason one word for programs
/// @param message what, why, next: for a person
public record Finding(String type, boolean holds, String reason, String message) {

    /// The type of the condition that sums up all others.
    public static final String READY = "Ready";

    /// These findings as conditions. A condition keeps its time of change while its status stays the same.
    public static List<Condition> conditions(
            List<Finding> findings, @Nullable List<Condition> before, @Nullable Long generation, Instant now) {
        List<Condition> conditions = new ArrayList<>();
        for (Finding finding : findings) {
            String status = finding.holds ? "True" : "False";
            String since = now.truncatedTo(ChronoUnit.SECONDS).toString();
            for (Condition old : before == null ? List.<Condition>of() : before) {
                if (old.getType().equals(finding.type) && old.getStatus().equals(status)) {
                    since = old.getLastTransitionTime();
                }
            }
            conditions.add(new ConditionBuilder()
                    .withType(finding.type)
                    .withStatus(status)
                    .withReason(finding.reason)
                    .withMessage(finding.message)
                    .withLastTransitionTime(since)
                    .withObservedGeneration(generation)
                    .build());
        }
        return conditions;
    }

    /// The condition of that type, if it is among them.
    public static @Nullable Condition find(@Nullable List<Condition> conditions, String type) {
        for (Condition condition : conditions == null ? List.<Condition>of() : conditions) {
            if (condition.getType().equals(type)) {
                return condition;
            }
        }
        return null;
    }
}
