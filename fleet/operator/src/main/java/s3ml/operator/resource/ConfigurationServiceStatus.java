package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.PrinterColumn;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator sees of a [ConfigurationService].
public record ConfigurationServiceStatus(
        @JsonPropertyDescription("generation of the resource that this status answers") @Nullable
        Long observedGeneration,

        @PrinterColumn(name = "Ready") @JsonPropertyDescription("replicas that answer") @Nullable
        Integer readyReplicas,

        @JsonPropertyDescription("what holds and what does not, each with reason, cause and next step") @Nullable
        List<Condition> conditions) {}
