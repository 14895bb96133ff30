package s3ml.aecs.release;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.aecs.state.StateView;
import s3ml.wire.aecs.state.ConfigurationRecord;
import s3ml.wire.aecs.state.ModelRecord;
import s3ml.wire.aecs.state.SecretRecord;
import s3ml.wire.aecs.state.ServiceRecord;

/// What a lease gives, as it was at the moment of its commit.
record LeaseContent(List<ModelRecord> models, ConfigurationRecord configuration, List<SecretRecord> secrets) {
    /// The content for evidence that was judged under these policies; empty if a secret has a policy not among them.
    static Optional<LeaseContent> of(StateView view, ServiceRecord service, Map<ByteString, Boolean> judged) {
        String name = service.getName();
        List<SecretRecord> secrets = new ArrayList<>();
        for (Versioned<SecretRecord> secret : Registry.secrets(view, name)) {
            ByteString policy = secret.value().getPolicyJson();
            if (!policy.isEmpty() && !judged.containsKey(policy)) {
                return Optional.empty();
            }
            if (policy.isEmpty() || Boolean.TRUE.equals(judged.get(policy))) {
                secrets.add(secret.value());
            }
        }
        List<ModelRecord> models =
                Registry.models(view, name).stream().map(Versioned::value).toList();
        return Optional.of(
                new LeaseContent(models, Registry.configuration(view, name).value(), secrets));
    }
}
