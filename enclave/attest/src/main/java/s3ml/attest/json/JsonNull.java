package s3ml.attest.json;

/// `null`.
public record JsonNull() implements JsonValue {
    static final JsonNull INSTANCE = new JsonNull();

    @Override
    public String kind() {
        return "null";
    }
}
