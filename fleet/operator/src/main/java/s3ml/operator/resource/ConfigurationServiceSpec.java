package s3ml.operator.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An AECS: the enclave configuration service that releases keys to attested replicas.
@ValidationRule(
        value = "self.store.kind != 'SQLite' || self.replicas == 1",
        message = "SQLite takes one replica: a file has one writer; set replicas to 1 or store.kind to etcd")
@ValidationRule(
        value = "self.store.kind != 'SQLite' || has(self.volume)",
        message = "SQLite needs a volume: its file would be gone with the Pod, and every key in it; set volume.size")
@ValidationRule(
        value = "!has(self.witnessesNeeded) || (has(self.witnesses) && self.witnessesNeeded <= size(self.witnesses))",
        message =
                "witnessesNeeded is above the number of witnesses: no replica could start; name more witnesses or lower it")
public record ConfigurationServiceSpec(
        @Required
        @Pattern("^\\S+$")
        @JsonPropertyDescription("image of the AECS; its measurement must be the one that servers and clients expect")
        String image,

        @Default("3")
        @Min(1)
        @Max(7)
        @JsonPropertyDescription("replicas, which share the root secret by mutual attestation")
        @Nullable
        Integer replicas,

        @Required @JsonPropertyDescription("where the sealed records lie")
        Store store,

        @JsonPropertyDescription(
                "a volume for each replica, which keeps its sealed root secret (and the SQLite file); without it a replica gets the root from its peers after a restart, and a cluster that loses all of them at once needs its recovery shares")
        @Nullable
        Volume volume,

        @Required
        @Size(min = 1, max = 64)
        @JsonPropertyDescription(
                "public keys of the AECS's admins (Base64 of SubjectPublicKeyInfo, as `s3ml key` prints them); an AECS without an admin could never be given a service")
        List<String> admins,

        @Required
        @Pattern("^https?://\\S+$")
        @JsonPropertyDescription("PCCS that serves the collateral of the platform's quotes")
        String pccs,

        @Size(max = 8)
        @JsonPropertyDescription(
                "asked at each start of a replica for the newest log head they signed; a store that is behind it is refused, which nothing inside of the cluster could tell")
        @Nullable
        List<Witness> witnesses,

        @Min(0)
        @JsonPropertyDescription(
                "how many witnesses must answer, or a replica does not start; all of them when absent, with 0 it warns and starts")
        @Nullable
        Integer witnessesNeeded,

        @Default("3600")
        @Min(60)
        @Max(86400)
        @JsonPropertyDescription("how long a replica may go on with the keys it has got, in seconds")
        @Nullable
        Integer leaseSeconds,

        @Required @JsonPropertyDescription("where the replicas run")
        Tee tee,

        @JsonPropertyDescription("CPU and memory of one replica; 500m and 512Mi when absent") @Nullable
        Compute compute,

        @Default("ClusterIP")
        @JsonPropertyDescription(
                "ClusterIP, NodePort or LoadBalancer: how clients outside the cluster reach the AECS to attest it")
        @Nullable
        Exposure exposure,

        @Default("Retain")
        @JsonPropertyDescription(
                "Retain (default) or Delete: what becomes of the sealed records when this resource is deleted")
        @Nullable
        StateRetention stateRetention) {

    /// The count of replicas, with the default that the API server fills in.
    public int wantedReplicas() {
        return replicas == null ? 3 : replicas;
    }

    /// What one replica asks of its node beside EPC.
    public Compute wantedCompute() {
        return compute == null ? Compute.DEFAULT : compute;
    }
}
