package s3ml.attest.json;

/// `true` or `false`.
public record JsonBool(boolean value) implements JsonValue {
    @Override
    public String kind() {
        return "a boolean";
    }
}
