package s3ml.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A model's scale decision in the making.
final class ScaleDraft {
    final ModelLoad load;
    final ModelProfile profile;
    final Instant now;
    final List<Reason> reasons = new ArrayList<>();
    Instant needMetUntil;
    private final ScaleConfig config;
    private final List<ScaleDecision.Action> actions = new ArrayList<>();
    private Instant grownAt;

    ScaleDraft(
            ScaleConfig config,
            ModelLoad load,
            ModelProfile profile,
            ScaleDecision.@Nullable ModelScale before,
            Instant now) {
        this.config = config;
        this.load = load;
        this.profile = profile;
        this.now = now;
        this.grownAt = before == null ? Instant.EPOCH : before.grownAt();
        this.needMetUntil = before == null ? now : before.needMetUntil();
    }

    boolean cooling() {
        return Duration.between(grownAt, now).compareTo(config.outCooldown()) < 0;
    }

    void start(String host) {
        actions.add(new ScaleDecision.Action.Start(host));
        grownAt = now;
    }

    void stop(ModelLoad.Placed replica) {
        actions.add(new ScaleDecision.Action.Stop(replica.name(), replica.host()));
    }

    ScaleDecision.ModelScale finish() {
        int desired = load.replicas.size();
        for (ScaleDecision.Action action : actions) {
            desired += switch (action) {
                case ScaleDecision.Action.Start unused -> 1;
                case ScaleDecision.Action.Stop unused -> -1;
            };
        }
        return new ScaleDecision.ModelScale(load.model, desired, actions, grownAt, needMetUntil, reasons);
    }
}
