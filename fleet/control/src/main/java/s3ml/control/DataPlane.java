package s3ml.control;

import io.envoyproxy.envoy.config.core.v3.Node;

/// The kinds of data planes, which understand different parts of xDS and reject what is meant for the other.
enum DataPlane {
    /// Proxies, and whoever does not say what it is.
    ENVOY,
    /// gRPC clients that balance by themselves, in any language.
    GRPC;

    private static final String GRPC_USER_AGENT = "gRPC";

    /// Which of them that node is. gRPC in all its languages begins the name of its user agent alike ("gRPC Java",
    /// "gRPC Go", "gRPC C-core linux").
    static DataPlane of(Node node) {
        return node.getUserAgentName().regionMatches(true, 0, GRPC_USER_AGENT, 0, GRPC_USER_AGENT.length())
                ? GRPC
                : ENVOY;
    }

    XdsResources resources() {
        return switch (this) {
            case ENVOY -> new EnvoyResources();
            case GRPC -> new GrpcResources();
        };
    }
}
