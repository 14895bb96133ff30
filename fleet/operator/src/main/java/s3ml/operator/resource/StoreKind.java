package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Where the AECS keeps its sealed records.
public enum StoreKind {
    /// A file on a volume of its own; one replica only.
    @JsonProperty("SQLite")
    SQLITE,
    /// An etcd cluster that is there already; any number of replicas.
    @JsonProperty("etcd")
    ETCD
}
