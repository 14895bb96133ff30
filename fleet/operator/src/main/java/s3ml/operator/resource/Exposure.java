package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonProperty;

/// How the service is reached: the types of a Kubernetes Service that lead somewhere.
public enum Exposure {
    @JsonProperty("ClusterIP")
    CLUSTER_IP("ClusterIP"),
    @JsonProperty("NodePort")
    NODE_PORT("NodePort"),
    @JsonProperty("LoadBalancer")
    LOAD_BALANCER("LoadBalancer");

    private final String serviceType;

    Exposure(String serviceType) {
        this.serviceType = serviceType;
    }

    /// `spec.type` of the Service.
    public String serviceType() {
        return serviceType;
    }
}
