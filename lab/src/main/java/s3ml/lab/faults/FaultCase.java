package s3ml.lab.faults;

import s3ml.attest.json.JsonObject;

/// One line of the fault table.
///
/// @param fault what was done
/// @param store to which kind of store
/// @param operations changes that were acknowledged meanwhile
/// @param acknowledgedLost how many of them are gone, or were made twice
/// @param detected whether the state refused a store that lied
/// @param outcome what happened, in words
/// @param ok whether that is what must happen
public record FaultCase(
        String fault,
        String store,
        long operations,
        long acknowledgedLost,
        boolean detected,
        String outcome,
        boolean ok) {
    JsonObject toJson() {
        return JsonObject.builder()
                .put("fault", fault)
                .put("store", store)
                .put("operations", operations)
                .put("acknowledgedLost", acknowledgedLost)
                .put("detected", detected)
                .put("outcome", outcome)
                .put("ok", ok)
                .build();
    }
}
