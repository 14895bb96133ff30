package s3ml.sim.deployment;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import s3ml.attest.Digest;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonBool;
import s3ml.attest.json.JsonNull;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;

/// A bundle in which somebody changed one character of one text.
final class ChangedBundle {
    private ChangedBundle() {}

    /// The way to each text of a document: names of members, indexes of items.
    static void texts(JsonValue value, List<String> path, Consumer<List<String>> found) {
        switch (value) {
            case JsonObject object ->
                object.members().forEach((name, member) -> texts(member, with(path, name), found));
            case JsonArray array -> {
                for (int i = 0; i < array.items().size(); i++) {
                    texts(array.items().get(i), with(path, Integer.toString(i)), found);
                }
            }
            case JsonString text -> found.accept(path);
            case JsonNumber number -> {}
            case JsonBool bool -> {}
            case JsonNull none -> {}
        }
    }

    private static List<String> with(List<String> path, String name) {
        List<String> longer = new ArrayList<>(path);
        longer.add(name);
        return List.copyOf(longer);
    }

    static JsonObject oneByteChanged(JsonObject document, List<String> path) {
        return (JsonObject) changed(document, path);
    }

    private static JsonValue changed(JsonValue value, List<String> path) {
        if (value instanceof JsonString text) {
            return new JsonString(otherCharacter(text.value()));
        }
        List<String> rest = path.subList(1, path.size());
        if (value instanceof JsonArray array) {
            List<JsonValue> items = new ArrayList<>(array.items());
            int index = Integer.parseInt(path.getFirst());
            items.set(index, changed(items.get(index), rest));
            return new JsonArray(items);
        }
        JsonObject.Builder object = JsonObject.builder();
        for (Map.Entry<String, JsonValue> member :
                ((JsonObject) value).members().entrySet()) {
            boolean meant = member.getKey().equals(path.getFirst());
            object.put(member.getKey(), meant ? changed(member.getValue(), rest) : member.getValue());
        }
        return object.build();
    }

    /// Another letter or digit in the middle, so that base64 and hexadecimal texts stay such texts.
    private static String otherCharacter(String text) {
        int middle = text.length() / 2;
        char[] characters = text.toCharArray();
        characters[middle] = characters[middle] == '1' ? '2' : '1';
        return new String(characters);
    }

    /// With the sum over what the bundle now holds.
    static JsonObject summedAnew(JsonObject document) {
        JsonObject.Builder covered = JsonObject.builder();
        document.members().forEach((name, value) -> {
            if (!name.equals("sha256")) {
                covered.put(name, value);
            }
        });
        String sum = Digest.of(Json.write(covered.build()).getBytes(StandardCharsets.UTF_8))
                .hex();
        return covered.put("sha256", sum).build();
    }
}
