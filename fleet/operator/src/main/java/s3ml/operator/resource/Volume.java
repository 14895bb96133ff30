package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/// A volume of its own for each replica of the AECS.
public record Volume(
        @Required @Pattern("^[1-9][0-9]*(Mi|Gi)$") @JsonPropertyDescription("size of each volume: 1Gi")
        String size,

        @JsonPropertyDescription("storage class; the cluster's default when absent") @Nullable
        String storageClass) {}
