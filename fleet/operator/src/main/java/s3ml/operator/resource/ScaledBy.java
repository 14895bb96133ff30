package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Who says how many replicas are wanted.
public enum ScaledBy {
    /// The field `replicas`: a person, or an autoscaler through the scale subresource.
    @JsonProperty("Replicas")
    REPLICAS,
    /// The control plane, by EPC paging and load.
    @JsonProperty("PagingPolicy")
    PAGING_POLICY
}
