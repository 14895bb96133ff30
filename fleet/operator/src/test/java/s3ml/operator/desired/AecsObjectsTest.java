package s3ml.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AecsObjectsTest {

    @Test
    void exactly_one_replica_may_begin_and_each_knows_the_others() {
        ConfigMap config = Resources.find(AecsObjects.of(Resources.aecs("")), ConfigMap.class, "keys-aecs");

        assertThat(config.getData()).containsOnlyKeys("keys-0.json", "keys-1.json", "keys-2.json");
        assertThat(config.getData().get("keys-0.json"))
                .contains("\"create\" : true")
                .contains("keys-1.keys-peers.models.svc:7443", "keys-2.keys-peers.models.svc:7443")
                .doesNotContain("keys-0.keys-peers");
        assertThat(config.getData().get("keys-1.json")).contains("\"create\" : false");
        assertThat(config.getData().get("keys-1.json"))
                .contains("\"store\" : \"etcd:etcd-0.etcd:2379,etcd-1.etcd:2379/models/keys\"");
    }

    @Test
    void replicas_find_each_other_before_they_are_ready() {
        Service peers = Resources.find(AecsObjects.of(Resources.aecs("")), Service.class, "keys-peers");

        assertThat(peers.getSpec().getPublishNotReadyAddresses()).isTrue();
        assertThat(peers.getSpec().getClusterIP()).isEqualTo("None");
    }

    @Test
    void sealed_state_outlives_the_resource_unless_told_otherwise() {
        StatefulSet kept = set("  volume: {size: 1Gi}\n");
        StatefulSet deleted = set("  volume: {size: 1Gi, storageClass: fast}\n  stateRetention: Delete\n");
        StatefulSet none = set("");

        assertThat(kept.getSpec().getPersistentVolumeClaimRetentionPolicy().getWhenDeleted())
                .isEqualTo("Retain");
        assertThat(deleted.getSpec().getPersistentVolumeClaimRetentionPolicy().getWhenDeleted())
                .isEqualTo("Delete");
        assertThat(deleted.getSpec().getVolumeClaimTemplates())
                .singleElement()
                .satisfies(claim ->
                        assertThat(claim.getSpec().getStorageClassName()).isEqualTo("fast"));
        assertThat(none.getSpec().getVolumeClaimTemplates()).isEmpty();
    }

    @Test
    void the_network_lets_out_what_the_AECS_needs_and_nothing_else() {
        NetworkPolicy policy = Resources.find(AecsObjects.of(Resources.aecs("")), NetworkPolicy.class, "keys-aecs");

        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(policy.getSpec().getEgress())
                .flatExtracting(rule -> rule.getPorts().stream()
                        .map(port -> port.getPort().getIntVal())
                        .toList())
                .containsExactlyInAnyOrder(7443, 8081, 2379, 53, 53);
    }

    @Test
    void witnesses_are_configured_and_reached() {
        List<HasMetadata> objects = AecsObjects.of(Resources.aecs(
                "  witnesses: [{address: \"witness.example:7450\", publicKey: MFkw}]\n  witnessesNeeded: 1\n"));

        assertThat(Resources.find(objects, ConfigMap.class, "keys-aecs")
                        .getData()
                        .get("keys-1.json"))
                .contains("\"address\" : \"witness.example:7450\"", "\"publicKey\" : \"MFkw\"")
                .contains("\"witnessesNeeded\" : 1");
        assertThat(Resources.find(objects, NetworkPolicy.class, "keys-aecs")
                        .getSpec()
                        .getEgress())
                .flatExtracting(rule -> rule.getPorts().stream()
                        .map(port -> port.getPort().getIntVal())
                        .toList())
                .contains(7450);
    }

    private static StatefulSet set(String more) {
        return Resources.find(AecsObjects.of(Resources.aecs(more)), StatefulSet.class, "keys");
    }
}
