package s3ml.attest.json;

/// One JSON value.
public sealed interface JsonValue permits JsonObject, JsonArray, JsonString, JsonNumber, JsonBool, JsonNull {
    /// What a value of this kind is called in messages, for example `a string`.
    String kind();
}
