package s3ml.console;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;
import s3ml.wire.fleet.HostReport;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ModelExplanation;
import s3ml.wire.fleet.ReplicaReport;
import s3ml.wire.fleet.ReplicaWeight;

/// The fleet at one tick as the page gets it: a JSON document per host and per model, so that two pictures can be
/// compared.
///
/// @param at time of the tick, as the control plane writes it
/// @param leader whether the control plane that answered holds the leader's lease
/// @param hosts document per host, in the control plane's order
/// @param models document per model
record Picture(String at, boolean leader, Map<String, String> hosts, Map<String, String> models) {
    private static final double THOUSANDTH = 1e3;
    private static final double NANOS_PER_MILLI = 1e6;

    static Picture of(Explanation explanation) {
        Map<String, String> hosts = new LinkedHashMap<>();
        explanation
                .getHostsList()
                .forEach(host -> hosts.put(host.getHost(), Answer.document(json -> write(json, host))));
        Map<String, String> models = new LinkedHashMap<>();
        explanation
                .getModelsList()
                .forEach(model -> models.put(model.getModel(), Answer.document(json -> write(json, model))));
        return new Picture(explanation.getAt(), explanation.getLeader(), hosts, models);
    }

    /// Everything.
    String whole() {
        return message(true, hosts, models, Map.of());
    }

    /// What differs from an earlier picture.
    String since(Picture earlier) {
        Map<String, String> gone = new LinkedHashMap<>(earlier.hosts);
        gone.keySet().removeAll(hosts.keySet());
        return message(false, changed(earlier.hosts, hosts), changed(earlier.models, models), gone);
    }

    private static Map<String, String> changed(Map<String, String> before, Map<String, String> now) {
        Map<String, String> changed = new LinkedHashMap<>();
        now.forEach((name, document) -> {
            if (!document.equals(before.get(name))) {
                changed.put(name, document);
            }
        });
        return changed;
    }

    private String message(
            boolean whole, Map<String, String> hosts, Map<String, String> models, Map<String, String> gone) {
        return Answer.document(json -> {
            json.beginObject();
            json.name("at").value(at);
            json.name("leader").value(leader);
            json.name("whole").value(whole);
            json.name("hosts").beginArray();
            for (String document : hosts.values()) {
                json.jsonValue(document);
            }
            json.endArray();
            json.name("models").beginArray();
            for (String document : models.values()) {
                json.jsonValue(document);
            }
            json.endArray();
            json.name("gone").beginArray();
            for (String name : gone.keySet()) {
                json.value(name);
            }
            json.endArray();
            json.endObject();
        });
    }

    private static void write(JsonWriter json, HostExplanation host) throws IOException {
        json.beginObject();
        json.name("host").value(host.getHost());
        number(json, "weight", host.getWeight());
        json.name("reportedAt").value(host.getReportedAtUnixMillis());
        if (host.hasReport()) {
            write(json, host.getReport());
        }
        Map<String, ReplicaReport> reports = new LinkedHashMap<>();
        host.getReport().getReplicasList().forEach(report -> reports.put(report.getReplica(), report));
        json.name("replicas").beginArray();
        for (ReplicaWeight replica : host.getReplicasList()) {
            json.beginObject();
            json.name("name").value(replica.getReplica());
            json.name("model").value(replica.getModel());
            json.name("active").value(replica.getActive());
            json.name("weight").value(replica.getWeight());
            ReplicaReport report = reports.get(replica.getReplica());
            if (report != null) {
                number(json, "arrivals", report.getArrivalsPerSecond());
                number(json, "outstanding", report.getOutstanding());
                number(json, "p99", report.getLatencyP99Nanos() / NANOS_PER_MILLI);
            }
            json.endObject();
        }
        json.endArray();
        reasons(json, host.getReasonsList());
        json.endObject();
    }

    private static void write(JsonWriter json, HostReport report) throws IOException {
        number(json, "cpu", report.getCpuBusy());
        json.name("processors").value(report.getProcessors());
        if (report.hasPaging()) {
            json.name("paging").beginObject();
            number(json, "loaded", report.getPaging().getLoadedPerSecond());
            number(json, "evicted", report.getPaging().getEvictedPerSecond());
            json.name("free").value(report.getPaging().getFreePages());
            json.name("total").value(report.getPaging().getTotalPages());
            json.endObject();
        }
    }

    private static void write(JsonWriter json, ModelExplanation model) throws IOException {
        ModelConfig profile = model.getProfile();
        json.beginObject();
        json.name("model").value(model.getModel());
        json.name("desired").value(model.getDesired());
        number(json, "objective", profile.getObjectiveMillis());
        number(json, "service", profile.getServiceMillis());
        json.name("workingSet").value(profile.getWorkingSetPages());
        number(json, "threshold", profile.getPagingThreshold());
        json.name("actions").beginArray();
        for (String action : model.getActionsList()) {
            json.value(action);
        }
        json.endArray();
        reasons(json, model.getReasonsList());
        json.endObject();
    }

    private static void reasons(JsonWriter json, Iterable<String> reasons) throws IOException {
        json.name("reasons").beginArray();
        for (String reason : reasons) {
            json.value(reason);
        }
        json.endArray();
    }

    /// A host may report anything; what is no number is null, and a thousandth is as fine as a page shows.
    private static void number(JsonWriter json, String name, double value) throws IOException {
        json.name(name);
        if (Double.isFinite(value)) {
            json.value(Math.rint(value * THOUSANDTH) / THOUSANDTH);
        } else {
            json.nullValue();
        }
    }
}
