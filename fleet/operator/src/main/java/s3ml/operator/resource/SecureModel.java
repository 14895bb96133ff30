package s3ml.operator.resource;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.io.Serial;

/// A model that attested replicas serve: the resource that a service provider writes.
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@ShortNames("sm")
@Categories("s3ml")
@AdditionalPrinterColumn(name = "Version", jsonPath = ".spec.version.name", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Wanted",
        jsonPath = ".status.wantedReplicas",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "TEE", jsonPath = ".spec.tee.kind", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "State",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public final class SecureModel extends CustomResource<SecureModelSpec, SecureModelStatus> implements Namespaced {
    @Serial
    private static final long serialVersionUID = 1L;

    @Required
    @Override
    public SecureModelSpec getSpec() {
        return super.getSpec();
    }
}
