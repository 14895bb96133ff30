package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.PrinterColumn;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator sees of a [SecureModel].
public record SecureModelStatus(
        @JsonPropertyDescription("generation of the resource that this status answers") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("replicas that are wanted now, by whomever scaledBy names") @Nullable
        Integer wantedReplicas,

        @StatusReplicas @JsonPropertyDescription("replicas that exist") @Nullable
        Integer replicas,

        @PrinterColumn(name = "Ready")
        @JsonPropertyDescription("replicas that are attested, loaded and take calls")
        @Nullable
        Integer readyReplicas,

        @JsonPropertyDescription("replicas of the canary among them") @Nullable
        Integer canaryReplicas,

        @LabelSelector @JsonPropertyDescription("labels of the replicas, for autoscalers") @Nullable
        String selector,

        @JsonPropertyDescription("where Envoy takes the model's connections; absent without a control plane") @Nullable
        EnvoyPorts envoyPorts,

        @JsonPropertyDescription("what holds and what does not, each with reason, cause and next step") @Nullable
        List<Condition> conditions) {}
