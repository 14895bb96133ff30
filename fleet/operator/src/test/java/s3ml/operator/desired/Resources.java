package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.NoSuchElementException;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.SecureModel;

/// Resources as a provider writes them, for tests.
public final class Resources {
    private Resources() {}

    /// A model on SGX hosts with Intel's plugin and two replicas, with `more` lines of the spec (indented by two).
    public static SecureModel model(String more) {
        String resource = """
                apiVersion: s3ml.internal/v1alpha1
                kind: SecureModel
                metadata: {name: detector, namespace: models, uid: 0a1b2c3d-0000-0000-0000-000000000001, generation: 7}
                spec:
                  configurationService: keys
                  version: {name: v1, image: "registry.example/s3ml-server:1", packages: detector-packages}
                """;
        return Serialization.unmarshal(
                resource
                        + unless(more, "  slo: {p99: 500ms}\n")
                        + unless(more, "  tee: {kind: SGX, epc: 90Mi}\n")
                        + more,
                SecureModel.class);
    }

    /// An AECS over etcd with three replicas, with `more` lines of the spec (indented by two).
    public static ConfigurationService aecs(String more) {
        String resource = """
                apiVersion: s3ml.internal/v1alpha1
                kind: ConfigurationService
                metadata: {name: keys, namespace: models, uid: 0a1b2c3d-0000-0000-0000-000000000002, generation: 3}
                spec:
                  image: registry.example/s3ml-aecs:1
                  pccs: https://pccs.example:8081
                  tee: {kind: SGX, epc: 64Mi}
                """;
        return Serialization.unmarshal(
                resource
                        + unless(
                                more,
                                "  store: {kind: etcd, endpoints: [\"etcd-0.etcd:2379\", \"etcd-1.etcd:2379\"]}\n")
                        + unless(more, "  admins: [MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE]\n")
                        + more,
                ConfigurationService.class);
    }

    /// The usual line, unless `more` has its key.
    private static String unless(String more, String line) {
        return more.contains(line.substring(0, line.indexOf(':') + 1)) ? "" : line;
    }

    /// The only object of that class and name.
    static <T extends HasMetadata> T find(List<HasMetadata> objects, Class<T> kind, String name) {
        return objects.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException(kind.getSimpleName() + " " + name));
    }
}
