package s3ml.protocol.access;

import java.util.Set;

/// Somebody who calls, and what the rules let them do.
///
/// @param name as the rules call them; never told to anybody else
/// @param proven whether they showed a token or a certificate
/// @param infer names of models, or [#EVERY_MODEL]
/// @param control names of models, or [#EVERY_MODEL]
public record Caller(String name, boolean proven, Set<String> infer, Set<String> control) {
    /// Stands for all models, present and future.
    public static final String EVERY_MODEL = "*";

    public Caller {
        infer = Set.copyOf(infer);
        control = Set.copyOf(control);
    }

    /// Whether this caller may do this with a model, whether there is one of this name or not.
    public boolean may(Right right, String model) {
        Set<String> models = switch (right) {
            case INFER -> infer;
            case CONTROL -> control;
        };
        return models.contains(EVERY_MODEL) || models.contains(model);
    }

    /// Whether this caller may learn that a model exists.
    public boolean sees(String model) {
        return may(Right.INFER, model) || may(Right.CONTROL, model);
    }
}
