package s3ml.attest.json;

/// A string, its escapes resolved.
public record JsonString(String value) implements JsonValue {
    @Override
    public String kind() {
        return "a string";
    }
}
