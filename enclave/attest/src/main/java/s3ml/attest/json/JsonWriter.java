package s3ml.attest.json;

import java.util.Iterator;
import java.util.Map;

/// Writes values as text. Escapes only what RFC 8259 demands.
final class JsonWriter {
    private static final String HEX = "0123456789abcdef";

    private final StringBuilder out;
    private final boolean pretty;
    private int depth;

    private JsonWriter(StringBuilder out, boolean pretty) {
        this.out = out;
        this.pretty = pretty;
    }

    static JsonWriter compact(StringBuilder out) {
        return new JsonWriter(out, false);
    }

    static JsonWriter pretty(StringBuilder out) {
        return new JsonWriter(out, true);
    }

    void write(JsonValue value) {
        switch (value) {
            case JsonObject object -> object(object);
            case JsonArray array -> array(array);
            case JsonString string -> string(string.value());
            case JsonNumber number -> out.append(number.text());
            case JsonBool bool -> out.append(bool.value());
            case JsonNull nothing -> out.append("null");
        }
    }

    private void object(JsonObject object) {
        out.append('{');
        depth++;
        Iterator<Map.Entry<String, JsonValue>> members =
                object.members().entrySet().iterator();
        while (members.hasNext()) {
            Map.Entry<String, JsonValue> member = members.next();
            line();
            string(member.getKey());
            out.append(pretty ? ": " : ":");
            write(member.getValue());
            if (members.hasNext()) {
                out.append(',');
            }
        }
        depth--;
        if (!object.members().isEmpty()) {
            line();
        }
        out.append('}');
    }

    private void array(JsonArray array) {
        out.append('[');
        depth++;
        Iterator<JsonValue> items = array.items().iterator();
        while (items.hasNext()) {
            line();
            write(items.next());
            if (items.hasNext()) {
                out.append(',');
            }
        }
        depth--;
        if (!array.items().isEmpty()) {
            line();
        }
        out.append(']');
    }

    private void line() {
        if (pretty) {
            out.append('\n').repeat("  ", depth);
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || loneSurrogate(text, i)) {
                        out.append("\\u");
                        for (int shift = 12; shift >= 0; shift -= 4) {
                            out.append(HEX.charAt((c >> shift) & 15));
                        }
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean loneSurrogate(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }
}
