package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import s3ml.operator.resource.ApiGroup;

/// Labels, annotations and names of what the operator owns.
public final class Labels {
    /// On every object that the operator owns; its informers see no other.
    public static final String OWNED_KEY = "app.kubernetes.io/managed-by";

    public static final String OWNED_VALUE = "s3ml-operator";
    public static final String MODEL = ApiGroup.NAME + "/model";
    public static final String VERSION = ApiGroup.NAME + "/version";
    public static final String AECS = ApiGroup.NAME + "/configuration-service";
    public static final String TEE = ApiGroup.NAME + "/tee";

    /// Digest of the configuration on a Pod template: another configuration is another template, so Pods are replaced.
    public static final String CONFIG_DIGEST = ApiGroup.NAME + "/config-digest";

    /// Readiness gate of model servers: true while the paging policy lets the replica take new connections.
    public static final String TAKES_LOAD = ApiGroup.NAME + "/takes-load";

    private Labels() {}

    /// Labels by which the Pods of one resource are selected; they never change, as selectors cannot.
    public static Map<String, String> selector(String key, HasMetadata owner) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(OWNED_KEY, OWNED_VALUE);
        labels.put(key, owner.getMetadata().getName());
        return labels;
    }

    /// Metadata of an object that `owner` owns: it is deleted with it, and a change of it wakes the operator.
    static ObjectMeta meta(HasMetadata owner, String key, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(owner.getMetadata().getNamespace())
                .withLabels(selector(key, owner))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(owner.getApiVersion())
                        .withKind(owner.getKind())
                        .withName(owner.getMetadata().getName())
                        .withUid(owner.getMetadata().getUid())
                        .withController(true)
                        .withBlockOwnerDeletion(true)
                        .build())
                .build();
    }

    static Map<String, String> with(Map<String, String> labels, String key, String value) {
        Map<String, String> more = new LinkedHashMap<>(labels);
        more.put(key, value);
        return more;
    }
}
