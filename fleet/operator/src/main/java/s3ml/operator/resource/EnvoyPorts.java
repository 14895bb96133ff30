package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/// Where Envoy takes a model's connections; chosen once by the operator.
public record EnvoyPorts(
        @JsonPropertyDescription("for the Open Inference Protocol over gRPC")
        int grpc,

        @JsonPropertyDescription("for the Open Inference Protocol over HTTPS")
        int rest) {}
