package s3ml.client.cli;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import s3ml.attest.Digest;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.wire.aecs.LeaseSummary;
import s3ml.wire.aecs.ModelDescription;
import s3ml.wire.aecs.ServiceSummary;

/// Services as the admin commands show them.
final class ServiceJson {
    private ServiceJson() {}

    static JsonObject of(ServiceSummary service) {
        return JsonObject.builder()
                .put("service", service.getService())
                .put("tenant", service.getTenant())
                .put("version", service.getVersion())
                .put("names", JsonArray.ofStrings(service.getNamesList()))
                .put("adminSha256", hex(service.getAdminSha256()))
                .put("policyEpoch", service.getPolicyEpoch())
                .put("policyDigest", policyDigest(service))
                .put("policy", service.getPolicyJson().toStringUtf8())
                .put(
                        "models",
                        array(service.getModelsList().stream()
                                .map(ServiceJson::model)
                                .toList()))
                .put(
                        "leases",
                        array(service.getLeasesList().stream()
                                .map(ServiceJson::lease)
                                .toList()))
                .build();
    }

    private static JsonObject model(ModelDescription model) {
        return JsonObject.builder()
                .put("name", model.getName())
                .put("version", model.getVersion())
                .put("manifestDigest", hex(model.getManifestDigest()))
                .put("modelDigest", hex(model.getModelDigest()))
                .build();
    }

    private static JsonObject lease(LeaseSummary lease) {
        return JsonObject.builder()
                .put("serial", lease.getSerial())
                .put("measurement", hex(lease.getMeasurement()))
                .put(
                        "expiresAt",
                        Instant.ofEpochMilli(lease.getExpiresAtUnixMillis()).toString())
                .put("policyEpoch", lease.getPolicyEpoch())
                .put("simulated", lease.getSimulated())
                .build();
    }

    static List<String> lines(ServiceSummary service) {
        List<String> lines = new ArrayList<>();
        lines.add("service     " + service.getService() + " (version " + service.getVersion() + ")");
        lines.add("names       " + String.join(", ", service.getNamesList()));
        lines.add(
                service.getPolicyJson().isEmpty()
                        ? "policy      none: nobody gets keys"
                        : "policy      epoch " + service.getPolicyEpoch() + ", SHA-256 " + policyDigest(service));
        for (ModelDescription model : service.getModelsList()) {
            lines.add("model       " + model.getName() + " version " + model.getVersion() + ", SHA-256 "
                    + hex(model.getModelDigest()));
        }
        for (LeaseSummary lease : service.getLeasesList()) {
            lines.add("lease       " + lease.getSerial() + (lease.getSimulated() ? " SIMULATED" : "") + " to "
                    + hex(lease.getMeasurement()) + " until "
                    + Instant.ofEpochMilli(lease.getExpiresAtUnixMillis()));
        }
        return lines;
    }

    private static String policyDigest(ServiceSummary service) {
        return service.getPolicyJson().isEmpty()
                ? ""
                : Digest.of(service.getPolicyJson().toByteArray()).hex();
    }

    static JsonArray array(List<JsonObject> objects) {
        return new JsonArray(List.<JsonValue>copyOf(objects));
    }

    static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
