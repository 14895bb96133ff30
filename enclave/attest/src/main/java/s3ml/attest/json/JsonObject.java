package s3ml.attest.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An object; its members keep the order in which they were written. The accessors which name a member and a type
/// refuse (S3mlException `ATT-201`) a member that is missing or of another type; those of [Optional] refuse only
/// another type.
public record JsonObject(Map<String, JsonValue> members) implements JsonValue {
    public JsonObject {
        members = Collections.unmodifiableMap(members instanceof ReadMembers ? members : new LinkedHashMap<>(members));
    }

    /// Members in the order of a document, which the reader hands over and never touches again: they need no copy.
    static final class ReadMembers extends LinkedHashMap<String, JsonValue> {
        private static final long serialVersionUID = 1L;
    }

    /// Starts an object member by member.
    public static Builder builder() {
        return new Builder();
    }

    public boolean has(String name) {
        return members.containsKey(name);
    }

    public Optional<JsonValue> value(String name) {
        return Optional.ofNullable(members.get(name));
    }

    public String string(String name) {
        return required(name, JsonString.class, "a string").value();
    }

    public Optional<String> optionalString(String name) {
        return typed(name, JsonString.class, "a string").map(JsonString::value);
    }

    public long number(String name) {
        return required(name, JsonNumber.class, "a number").toLong();
    }

    /// A whole number of 64 bits.
    public Optional<Long> optionalNumber(String name) {
        return typed(name, JsonNumber.class, "a number").map(JsonNumber::toLong);
    }

    public boolean bool(String name) {
        return required(name, JsonBool.class, "a boolean").value();
    }

    public Optional<Boolean> optionalBool(String name) {
        return typed(name, JsonBool.class, "a boolean").map(JsonBool::value);
    }

    public JsonObject object(String name) {
        return required(name, JsonObject.class, "an object");
    }

    public Optional<JsonObject> optionalObject(String name) {
        return typed(name, JsonObject.class, "an object");
    }

    public JsonArray array(String name) {
        return required(name, JsonArray.class, "an array");
    }

    public Optional<JsonArray> optionalArray(String name) {
        return typed(name, JsonArray.class, "an array");
    }

    /// Refuses the object when it has a member that is not in `known`: a misspelt key must not be ignored.
    public JsonObject onlyMembers(Set<String> known) {
        for (String name : members.keySet()) {
            if (!known.contains(name)) {
                throw Json.fault("unknown member \"" + Json.shorten(name) + "\"; known are "
                        + String.join(", ", new java.util.TreeSet<>(known)));
            }
        }
        return this;
    }

    private <T extends JsonValue> Optional<T> typed(String name, Class<T> type, String kind) {
        return has(name) ? Optional.of(required(name, type, kind)) : Optional.empty();
    }

    private <T extends JsonValue> T required(String name, Class<T> type, String kind) {
        JsonValue value = members.get(name);
        if (value == null) {
            throw Json.fault("member \"" + name + "\" is missing");
        }
        if (!type.isInstance(value)) {
            throw Json.fault("member \"" + name + "\" must be " + kind + ", not " + value.kind());
        }
        return type.cast(value);
    }

    @Override
    public String kind() {
        return "an object";
    }

    /// Collects members in order; a name given twice is refused.
    public static final class Builder {
        private final Map<String, JsonValue> members = new LinkedHashMap<>();

        private Builder() {}

        public Builder put(String name, JsonValue value) {
            if (members.putIfAbsent(name, value) != null) {
                throw Json.fault("member \"" + name + "\" is given twice");
            }
            return this;
        }

        public Builder put(String name, String value) {
            return put(name, new JsonString(value));
        }

        public Builder put(String name, long value) {
            return put(name, JsonNumber.of(value));
        }

        public Builder put(String name, double value) {
            return put(name, JsonNumber.of(value));
        }

        public Builder put(String name, boolean value) {
            return put(name, new JsonBool(value));
        }

        public JsonObject build() {
            return new JsonObject(members);
        }
    }
}
