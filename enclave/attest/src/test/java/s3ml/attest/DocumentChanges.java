package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// Signed documents that say the same or nearly the same in other words.
final class DocumentChanges {
    private DocumentChanges() {}

    /// The documents, by how they were changed; none when `text` is no document.
    static Map<String, byte[]> of(byte[] text) {
        JsonObject document;
        try {
            document = Json.parseObject(text);
        } catch (S3mlException e) {
            return Map.of();
        }
        String written = new String(text, StandardCharsets.UTF_8).strip();
        Map<String, String> changed = new LinkedHashMap<>();
        changed.put("written for people", Json.writePretty(document));
        changed.put("in reverse", Json.write(reversed(document)));
        changed.put("first member twice", "{" + member(document) + "," + written.substring(1));
        changed.put(
                "first member again at the end",
                written.substring(0, written.length() - 1) + "," + member(document) + "}");
        changed.put("status twice", written.replaceFirst("(\"tcbStatus\":)", "$1\"UpToDate\",$1"));
        changed.put(
                "advisories twice", written.replaceFirst("(\"tcbDate\":)", "\"advisoryIDs\":[],\"advisoryIDs\":[],$1"));
        changed.put("a member more", "{\"more\":1," + written.substring(1));
        changed.put("a space", written.replaceFirst(":", ": "));
        changed.put("an escape", written.replaceFirst("\"version\"", "\"\\\\u0076ersion\""));
        changed.put("a fraction", written.replaceFirst("(\"version\":\\d)", "$1.0"));
        changed.put("upper case", written.replaceFirst("\"id\"", "\"ID\""));
        changed.put("a byte order mark", "\ufeff" + written);
        changed.put("two documents", written + written);
        Map<String, byte[]> all = new LinkedHashMap<>();
        changed.forEach((how, what) -> {
            if (!what.equals(written)) {
                all.put(how, what.getBytes(StandardCharsets.UTF_8));
            }
        });
        return all;
    }

    private static String member(JsonObject document) {
        Map.Entry<String, JsonValue> first =
                document.members().entrySet().iterator().next();
        return "\"" + first.getKey() + "\":" + Json.write(first.getValue());
    }

    private static JsonObject reversed(JsonObject document) {
        List<Map.Entry<String, JsonValue>> members =
                new ArrayList<>(document.members().entrySet());
        JsonObject.Builder builder = JsonObject.builder();
        members.reversed().forEach(member -> builder.put(member.getKey(), member.getValue()));
        return builder.build();
    }
}
