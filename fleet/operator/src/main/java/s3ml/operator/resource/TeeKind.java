package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonProperty;

/// The kind of trusted execution environment in which a replica runs.
public enum TeeKind {
    @JsonProperty("SGX")
    SGX,
    @JsonProperty("TDX")
    TDX,
    /// The simulated platform: no TEE at all. Every policy refuses its evidence unless it names its root.
    @JsonProperty("Simulated")
    SIMULATED
}
