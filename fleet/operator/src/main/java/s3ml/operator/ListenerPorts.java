package s3ml.operator;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import s3ml.operator.resource.EnvoyPorts;
import s3ml.operator.resource.SecureModel;

/// Gives each model two ports of Envoy, which it keeps: they stand in its status. Thread-safe.
final class ListenerPorts {
    /// Below the range from which Linux takes ports for outgoing connections.
    private static final int FIRST = 20_000;

    private static final int LAST = 32_767;

    private final Map<ResourceID, EnvoyPorts> given = new HashMap<>();

    /// The model's ports.
    ///
    /// @param all models that there are
    /// @return empty when all ports are taken
    synchronized Optional<EnvoyPorts> of(SecureModel model, Collection<SecureModel> all) {
        ResourceID own = ResourceID.fromResource(model);
        EnvoyPorts known = given.get(own);
        if (known != null) {
            return Optional.of(known);
        }
        given.keySet().retainAll(all.stream().map(ResourceID::fromResource).collect(Collectors.toSet()));
        Set<Integer> taken = new HashSet<>();
        given.values().forEach(ports -> taken.add(ports.grpc()));
        EnvoyPorts told = told(model);
        if (told != null && !taken.contains(told.grpc())) {
            given.put(own, told);
            return Optional.of(told);
        }
        for (SecureModel other : all) {
            EnvoyPorts ports = told(other);
            if (ports != null && !own.equals(ResourceID.fromResource(other))) {
                taken.add(ports.grpc());
            }
        }
        for (int port = FIRST; port < LAST; port += 2) {
            if (!taken.contains(port)) {
                EnvoyPorts fresh = new EnvoyPorts(port, port + 1);
                given.put(own, fresh);
                return Optional.of(fresh);
            }
        }
        return Optional.empty();
    }

    /// What its status says, when that can be.
    private static @org.jspecify.annotations.Nullable EnvoyPorts told(SecureModel model) {
        EnvoyPorts ports = model.getStatus() == null ? null : model.getStatus().envoyPorts();
        boolean possible = ports != null
                && ports.grpc() >= FIRST
                && ports.grpc() < LAST
                && ports.grpc() % 2 == 0
                && ports.rest() == ports.grpc() + 1;
        return possible ? ports : null;
    }
}
