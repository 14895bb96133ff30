package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/// What one replica asks of its node beside EPC.
public record Compute(
        @Required @Pattern("^[1-9][0-9]*m?$") @JsonPropertyDescription("CPU that the scheduler reserves: 500m or 2")
        String cpu,

        @Required
        @Pattern("^[1-9][0-9]*(Mi|Gi)$")
        @JsonPropertyDescription("memory that the scheduler reserves and the kernel enforces: 512Mi")
        String memory) {

    /// What is asked when a resource names nothing: a replica with one interpreter.
    public static final Compute DEFAULT = new Compute("500m", "512Mi");
}
