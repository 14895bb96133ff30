package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;

/// A second version beside the first, and its share of the replicas.
public record Canary(
        @Required @JsonPropertyDescription("the version on trial")
        ModelVersion version,

        @Required
        @Min(0)
        @Max(100)
        @JsonPropertyDescription(
                "share of the replicas in percent, rounded up: any share above 0 is at least one replica, and below 100 leaves one to the first version")
        int percent) {}
