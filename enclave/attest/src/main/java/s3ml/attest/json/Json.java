package s3ml.attest.json;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;

/// Reads and writes JSON documents. Reading fails with [S3mlException]: `ATT-201`, which names the
/// place, or one of the codes below.
public final class Json {
    /// Deeper documents than any of ours; bounds the stack that a hostile one takes.
    public static final int DEEPEST = 32;

    /// The largest document read: TCB information of all platforms of today takes less than a tenth of it.
    public static final int LARGEST = 4 << 20;

    /// The code of a document that names a member twice.
    public static final String DUPLICATE = "ATT-205";

    /// The code of a signed document with white space, escapes or numbers that are not whole.
    public static final String NOT_COMPACT = "ATT-206";

    private Json() {}

    /// Reads one JSON document of at most [#LARGEST] bytes, with nothing but white space around it.
    public static JsonValue parse(byte[] utf8) {
        return new JsonReader(utf8).document();
    }

    /// As [#parse(byte[])], from characters.
    public static JsonValue parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Reads one JSON document that must be an object.
    public static JsonObject parseObject(byte[] utf8) {
        JsonValue value = parse(utf8);
        if (value instanceof JsonObject object) {
            return object;
        }
        throw fault("the document must be an object, not " + value.kind());
    }

    /// As [#parseObject(byte[])], from characters.
    public static JsonObject parseObject(String text) {
        return parseObject(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Reads an object whose exact bytes are signed. White space around it is passed over; within it, white space,
    /// escapes and numbers other than whole ones (`ATT-206`) are refused, so that every reader sees the same document.
    public static JsonObject parseSigned(byte[] utf8) {
        JsonValue value = new JsonReader(utf8, true).document();
        if (value instanceof JsonObject object) {
            return object;
        }
        throw fault("the document must be an object, not " + value.kind());
    }

    /// Returns the exact bytes of the value of member `name` of the object that `utf8` holds, as they are written: a
    /// signature is over these, and nothing that was parsed and written again may stand in for them.
    public static byte[] exactMember(byte[] utf8, String name) {
        return new JsonReader(utf8).exactMember(name);
    }

    /// Writes `value` without white space.
    public static String write(JsonValue value) {
        StringBuilder out = new StringBuilder();
        JsonWriter.compact(out).write(value);
        return out.toString();
    }

    /// Writes `value` indented by two spaces, for people.
    public static String writePretty(JsonValue value) {
        StringBuilder out = new StringBuilder();
        JsonWriter.pretty(out).write(value);
        return out.toString();
    }

    static S3mlException fault(String why) {
        return fault(why, null);
    }

    static S3mlException fault(String why, @Nullable Throwable cause) {
        return new S3mlException("ATT-201", "could not read the JSON document", why, "correct the document", cause);
    }

    static S3mlException duplicate(String name) {
        return new S3mlException(
                DUPLICATE,
                "could not read the JSON document",
                "member \"" + shorten(name) + "\" is given twice",
                "remove one: readers differ in which of them they take");
    }

    static S3mlException notCompact(String why) {
        return new S3mlException(
                NOT_COMPACT, "could not read the signed JSON document", why, "hand over the text as it was signed");
    }

    static String shorten(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
