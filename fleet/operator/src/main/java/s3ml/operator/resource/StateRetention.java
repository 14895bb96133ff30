package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonProperty;

/// What becomes of the AECS's sealed records when its resource is deleted.
public enum StateRetention {
    /// They stay. Without them each model has to be packed anew, so this is the default.
    @JsonProperty("Retain")
    RETAIN,
    @JsonProperty("Delete")
    DELETE
}
