package s3ml.aecs.registry;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import s3ml.aecs.state.StateChange;
import s3ml.aecs.state.StateView;
import s3ml.aecs.state.StoredRecord;
import s3ml.wire.aecs.state.AecsRecord;
import s3ml.wire.aecs.state.ConfigurationRecord;
import s3ml.wire.aecs.state.LeaseRecord;
import s3ml.wire.aecs.state.ModelRecord;
import s3ml.wire.aecs.state.SecretRecord;
import s3ml.wire.aecs.state.ServiceRecord;

/// The records of the state by type and name. Stateless: every method works on the view it is given.
public final class Registry {
    private static final String AECS = "aecs";

    private Registry() {}

    public static Versioned<AecsRecord> aecs(StateView view) {
        return find(view, AECS, AecsRecord.parser()).orElseThrow(() -> new IllegalStateException("no AECS record"));
    }

    public static long putAecs(StateChange change, AecsRecord record) {
        return change.put(AECS, record.toByteArray());
    }

    public static Optional<Versioned<ServiceRecord>> service(StateView view, String name) {
        return find(view, "service/" + name, ServiceRecord.parser());
    }

    public static List<Versioned<ServiceRecord>> services(StateView view) {
        return list(view, "service/", ServiceRecord.parser());
    }

    public static long putService(StateChange change, ServiceRecord record) {
        return change.put("service/" + record.getName(), record.toByteArray());
    }

    /// Deletes a service with its models, secrets and configuration. Its leases are swept when they expire.
    public static void deleteService(StateChange change, String name) {
        change.delete("service/" + name);
        change.delete("configuration/" + name);
        change.list("model/" + name + "/").keySet().forEach(change::delete);
        change.list("secret/" + name + "/").keySet().forEach(change::delete);
    }

    public static Optional<Versioned<ModelRecord>> model(StateView view, String service, String name, String version) {
        return find(view, modelName(service, name, version), ModelRecord.parser());
    }

    public static List<Versioned<ModelRecord>> models(StateView view, String service) {
        return list(view, "model/" + service + "/", ModelRecord.parser());
    }

    public static long putModel(StateChange change, ModelRecord record) {
        return change.put(modelName(record.getService(), record.getName(), record.getVersion()), record.toByteArray());
    }

    public static void deleteModel(StateChange change, String service, String name, String version) {
        change.delete(modelName(service, name, version));
    }

    private static String modelName(String service, String name, String version) {
        return "model/" + service + "/" + name + "/" + version;
    }

    public static Versioned<ConfigurationRecord> configuration(StateView view, String service) {
        return find(view, "configuration/" + service, ConfigurationRecord.parser())
                .orElse(new Versioned<>(0, ConfigurationRecord.getDefaultInstance()));
    }

    public static long putConfiguration(StateChange change, String service, ConfigurationRecord record) {
        return change.put("configuration/" + service, record.toByteArray());
    }

    public static Optional<Versioned<SecretRecord>> secret(StateView view, String service, String name) {
        return find(view, "secret/" + service + "/" + name, SecretRecord.parser());
    }

    public static List<Versioned<SecretRecord>> secrets(StateView view, String service) {
        return list(view, "secret/" + service + "/", SecretRecord.parser());
    }

    public static long putSecret(StateChange change, SecretRecord record) {
        return change.put("secret/" + record.getService() + "/" + record.getName(), record.toByteArray());
    }

    public static void deleteSecret(StateChange change, String service, String name) {
        change.delete("secret/" + service + "/" + name);
    }

    public static Optional<LeaseRecord> lease(StateView view, String service, String serial) {
        return find(view, leaseName(service, serial), LeaseRecord.parser()).map(Versioned::value);
    }

    public static List<LeaseRecord> leases(StateView view, String service) {
        return list(view, "lease/" + service + "/", LeaseRecord.parser()).stream()
                .map(Versioned::value)
                .toList();
    }

    /// How many leases of the service are recorded, expired ones included.
    public static int leaseCount(StateView view, String service) {
        return view.count("lease/" + service + "/");
    }

    /// Serials of the leases that expire first.
    public static List<String> firstLeases(StateView view, String service, int limit) {
        String prefix = "lease/" + service + "/";
        return view.names(prefix, limit).stream()
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    /// Leases of all services.
    public static List<LeaseRecord> leases(StateView view) {
        return list(view, "lease/", LeaseRecord.parser()).stream()
                .map(Versioned::value)
                .toList();
    }

    public static void putLease(StateChange change, LeaseRecord record) {
        change.put(leaseName(record.getService(), record.getSerial()), record.toByteArray());
    }

    public static void deleteLease(StateChange change, String service, String serial) {
        change.delete(leaseName(service, serial));
    }

    private static String leaseName(String service, String serial) {
        return "lease/" + service + "/" + serial;
    }

    private static <T extends MessageLite> Optional<Versioned<T>> find(StateView view, String name, Parser<T> parser) {
        return view.get(name).map(record -> parsed(record, parser));
    }

    private static <T extends MessageLite> List<Versioned<T>> list(StateView view, String prefix, Parser<T> parser) {
        List<Versioned<T>> found = new ArrayList<>();
        view.list(prefix).values().forEach(record -> found.add(parsed(record, parser)));
        return found;
    }

    private static <T extends MessageLite> Versioned<T> parsed(StoredRecord record, Parser<T> parser) {
        try {
            return new Versioned<>(record.version(), parser.parseFrom(record.content()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a sealed record is not of its type", e);
        }
    }
}
