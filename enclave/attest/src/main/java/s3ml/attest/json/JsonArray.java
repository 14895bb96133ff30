package s3ml.attest.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// An array.
public record JsonArray(List<JsonValue> items) implements JsonValue {
    public JsonArray {
        items = List.copyOf(items);
    }

    /// An array of strings.
    public static JsonArray ofStrings(Iterable<String> values) {
        List<JsonValue> items = new ArrayList<>();
        values.forEach(value -> items.add(new JsonString(value)));
        return new JsonArray(items);
    }

    /// The items, all of which must be strings.
    public List<String> strings() {
        List<String> strings = new ArrayList<>(items.size());
        for (JsonString string : all(JsonString.class, "strings")) {
            strings.add(string.value());
        }
        return Collections.unmodifiableList(strings);
    }

    /// The items, all of which must be whole numbers of 64 bits.
    public List<Long> numbers() {
        return all(JsonNumber.class, "numbers").stream().map(JsonNumber::toLong).toList();
    }

    /// The items, all of which must be objects.
    public List<JsonObject> objects() {
        return all(JsonObject.class, "objects");
    }

    private <T extends JsonValue> List<T> all(Class<T> type, String kind) {
        List<T> all = new ArrayList<>(items.size());
        for (JsonValue item : items) {
            if (!type.isInstance(item)) {
                throw Json.fault("an array of " + kind + " holds " + item.kind());
            }
            all.add(type.cast(item));
        }
        return all;
    }

    @Override
    public String kind() {
        return "an array";
    }
}
