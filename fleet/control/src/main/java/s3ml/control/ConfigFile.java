package s3ml.control;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import s3ml.policy.FleetException;
import s3ml.policy.ModelProfile;
import s3ml.policy.PagingFit;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// Reads `fleet.json`. All faults are told at once; unknown keys are refused. FleetException `CTL-101`.
final class ConfigFile {
    private ConfigFile() {}

    static FleetConfig read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException unreadable) {
            throw refused(List.of(file + " cannot be read: " + unreadable.getMessage()), unreadable);
        }
    }

    static FleetConfig parse(String json) {
        FleetConfig.Builder config = FleetConfig.newBuilder();
        try {
            JsonFormat.parser().merge(json, config);
        } catch (InvalidProtocolBufferException wrong) {
            throw refused(List.of(String.valueOf(wrong.getMessage())), wrong);
        }
        List<String> faults = faults(config.build());
        if (!faults.isEmpty()) {
            throw refused(faults, null);
        }
        return config.build();
    }

    private static FleetException refused(List<String> faults, @org.jspecify.annotations.Nullable Throwable cause) {
        return new FleetException(
                "CTL-101",
                "cannot use the fleet's configuration",
                String.join("; ", faults),
                "correct fleet.json",
                cause);
    }

    /// What is wrong with it; empty when nothing is.
    static List<String> faults(FleetConfig config) {
        List<String> faults = new ArrayList<>();
        Set<String> models = new HashSet<>();
        for (ModelConfig model : config.getModelsList()) {
            if (!models.add(model.getName())) {
                faults.add("model " + model.getName() + " is given twice");
            }
            try {
                profile(model);
            } catch (IllegalArgumentException wrong) {
                faults.add("model " + model.getName() + ": " + wrong.getMessage());
            }
        }
        listenerFaults(config, faults);
        config.getModelsList().forEach(model -> startFaults(config, model, faults));
        Set<String> names = new HashSet<>();
        for (HostConfig host : config.getHostsList()) {
            if (host.getName().isBlank() || !names.add("host " + host.getName())) {
                faults.add("host \"" + host.getName() + "\" has no name or is given twice");
            }
            for (ReplicaConfig replica : host.getReplicasList()) {
                replicaFaults(replica, models, names, faults);
            }
        }
        return faults;
    }

    private static void replicaFaults(
            ReplicaConfig replica, Set<String> models, Set<String> names, List<String> faults) {
        if (replica.getName().isBlank() || !names.add("replica " + replica.getName())) {
            faults.add("replica \"" + replica.getName() + "\" has no name or is given twice");
        }
        if (!models.contains(replica.getModel())) {
            faults.add("replica " + replica.getName() + " serves the unknown model \"" + replica.getModel() + "\"");
        }
        if (replica.getAddress().isBlank() || replica.getPort() < 1 || !isPort(replica.getPort())) {
            faults.add("replica " + replica.getName() + " has no address or port");
        } else if (!isAddress(replica.getAddress())) {
            faults.add("replica " + replica.getName() + ": \"" + replica.getAddress() + "\" is no IP address");
        }
        if (!isPort(replica.getRestPort()) || !isPort(replica.getMetricsPort())) {
            faults.add("replica " + replica.getName() + " has an impossible REST or metrics port");
        }
    }

    private static void startFaults(FleetConfig config, ModelConfig model, List<String> faults) {
        String name = "model " + model.getName();
        if (!LocalReplicas.isStarted(model)) {
            if (model.getMinReplicas() != 0 || model.getMaxReplicas() != 0) {
                faults.add(name + " has a count of replicas, but no \"start\" that says how");
            }
            return;
        }
        if (!model.getName().matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            faults.add(name + ": replicas that are started need a model name of letters, digits and . _ -");
        }
        if (!LocalReplicas.hasBounds(model)) {
            faults.add(name + ": minReplicas is over maxReplicas");
        }
        if (config.getHostsCount() == 0
                || config.getHostsList().stream()
                        .flatMap(host -> host.getReplicasList().stream())
                        .anyMatch(replica -> replica.getModel().equals(model.getName()))) {
            faults.add(name + ": its replicas are started, so name hosts, but list no replica of it");
        }
    }

    /// A data plane resolves no names: one that gets a name rejects all endpoints of the model, again and again.
    private static boolean isAddress(String text) {
        try {
            return InetAddress.ofLiteral(text) != null;
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    private static boolean isPort(int number) {
        return number >= 0 && number <= 65_535;
    }

    private static void listenerFaults(FleetConfig config, List<String> faults) {
        Set<Integer> taken = new HashSet<>();
        for (ModelConfig model : config.getModelsList()) {
            for (int port : new int[] {model.getListenerPort(), model.getRestListenerPort()}) {
                if (!isPort(port) || (port > 0 && !taken.add(port))) {
                    faults.add("model " + model.getName() + ": listener port " + port + " is taken or impossible");
                }
            }
        }
    }

    /// The profiles of all models.
    static Map<String, ModelProfile> profiles(FleetConfig config) {
        Map<String, ModelProfile> profiles = new HashMap<>();
        config.getModelsList().forEach(model -> profiles.put(model.getName(), profile(model)));
        return profiles;
    }

    private static ModelProfile profile(ModelConfig model) {
        double threshold = model.getPagingThreshold();
        double low = model.getPagingThresholdLow();
        double high = model.getPagingThresholdHigh();
        PagingFit fit = threshold > 0
                ? new PagingFit.Predictive(threshold, low > 0 ? low : threshold, high > 0 ? high : threshold)
                : new PagingFit.NotPredictive("no threshold in the configuration");
        return new ModelProfile(
                model.getName(),
                millis(model.getObjectiveMillis()),
                millis(model.getServiceMillis()),
                model.getWorkingSetPages(),
                fit);
    }

    private static Duration millis(double millis) {
        return Duration.ofNanos((long) (millis * 1e6));
    }
}
