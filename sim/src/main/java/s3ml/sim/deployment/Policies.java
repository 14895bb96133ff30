package s3ml.sim.deployment;

import java.util.ArrayList;
import java.util.List;
import s3ml.attest.Digest;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// Policies as the owners of a simulated deployment write them.
public final class Policies {
    private Policies() {}

    /// Trusts exactly these builds on the simulated platform with that root.
    ///
    /// @param root `sha256:HEX` of the root certificate
    public static String naming(String root, Digest... measurements) {
        List<JsonValue> rules = new ArrayList<>();
        for (Digest measurement : measurements) {
            rules.add(JsonObject.builder().put("mrEnclave", measurement.hex()).build());
        }
        JsonObject policy = JsonObject.builder()
                .put("version", 1)
                .put("comment", "SIMULATED: for trying S3ML out, trusts a platform that is not a TEE")
                .put("roots", JsonArray.ofStrings(List.of(root)))
                .put("allowSimulated", true)
                .put("rules", new JsonArray(rules))
                .build();
        return Json.writePretty(policy) + "\n";
    }
}
