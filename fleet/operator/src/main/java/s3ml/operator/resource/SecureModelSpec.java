package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import org.jspecify.annotations.Nullable;

/// What a provider asks for: one service of the AECS, served by attested replicas.
///
/// @param replicas how many are wanted now; set by an autoscaler through the scale subresource, or by hand
@ValidationRule(
        value = "self.minReplicas <= self.maxReplicas",
        message =
                "minReplicas is above maxReplicas: no count of replicas satisfies both; lower the one or raise the other")
@ValidationRule(
        value = "!has(self.canary) || self.canary.version.name != self.version.name",
        message =
                "the canary has the name of the version beside it: both would own one Deployment; give the canary another name")
public record SecureModelSpec(
        @Required
        @Pattern("^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$")
        @JsonPropertyDescription(
                "ConfigurationService in the same namespace, from whose AECS the replicas get their keys")
        String configurationService,

        @Pattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
        @JsonPropertyDescription("name of the service in the AECS; the resource's own name when absent")
        @Nullable
        String service,

        @Required @JsonPropertyDescription("what is served") ModelVersion version,

        @JsonPropertyDescription("a second version on trial beside it") @Nullable
        Canary canary,

        @Required @JsonPropertyDescription("the latency that is promised")
        Slo slo,

        @SpecReplicas
        @Default("2")
        @Min(1)
        @Max(1000)
        @JsonPropertyDescription(
                "replicas wanted now, kept between minReplicas and maxReplicas; written by hand or by an autoscaler, and not looked at with scaledBy PagingPolicy")
        @Nullable
        Integer replicas,

        @Default("2")
        @Min(1)
        @Max(1000)
        @JsonPropertyDescription("never fewer replicas than this; with one, a lost node is an outage")
        @Nullable
        Integer minReplicas,

        @Default("8") @Min(1) @Max(1000) @JsonPropertyDescription("never more replicas than this") @Nullable
        Integer maxReplicas,

        @Default("Replicas")
        @JsonPropertyDescription(
                "who says how many replicas are wanted: Replicas (the field of that name) or PagingPolicy (the control plane, by paging and load; status.wantedReplicas shows its count)")
        @Nullable
        ScaledBy scaledBy,

        @JsonPropertyDescription("what the paging policy should know of the model; estimated when absent") @Nullable
        Profile profile,

        @Required @JsonPropertyDescription("where the replicas run")
        Tee tee,

        @JsonPropertyDescription("CPU and memory of one replica; 500m and 512Mi when absent") @Nullable
        Compute compute,

        @Default("ClusterIP")
        @JsonPropertyDescription("ClusterIP, NodePort or LoadBalancer; TLS ends in the enclave, so any L4 path will do")
        @Nullable
        Exposure exposure) {

    /// The floor that the API server fills in when the field is absent.
    public static final int DEFAULT_MIN_REPLICAS = 2;

    /// The ceiling that the API server fills in when the field is absent.
    public static final int DEFAULT_MAX_REPLICAS = 8;

    /// The count that is wanted now: [#replicas] held between floor and ceiling, the floor when nobody has asked for a
    /// count.
    public int wantedReplicas() {
        return clamped(replicas == null ? 0 : replicas);
    }

    /// A count held between floor and ceiling.
    public int clamped(int count) {
        int floor = minReplicas == null ? DEFAULT_MIN_REPLICAS : minReplicas;
        int ceiling = maxReplicas == null ? DEFAULT_MAX_REPLICAS : maxReplicas;
        return Math.clamp(count, floor, ceiling);
    }

    /// What one replica asks of its node beside EPC.
    public Compute wantedCompute() {
        return compute == null ? Compute.DEFAULT : compute;
    }
}
