package s3ml.attest.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import s3ml.attest.S3mlException;

/// A recursive reader over UTF-8 bytes. One use; not thread-safe.
final class JsonReader {
    /// Digits of the longest whole number in a signed document: it fits into 64 bits in every reader.
    private static final int SIGNED_DIGITS = 18;

    private final byte[] bytes;
    private final boolean compact;
    private int at;
    private int depth;

    JsonReader(byte[] utf8) {
        this(utf8, false);
    }

    /// @param compact whether white space within the document, escapes and numbers that are not whole are refused
    JsonReader(byte[] utf8, boolean compact) {
        if (utf8.length > Json.LARGEST) {
            throw Json.fault("it has " + utf8.length + " bytes; at most " + Json.LARGEST + " are read");
        }
        this.bytes = utf8;
        this.compact = compact;
    }

    JsonValue document() {
        JsonValue value = value();
        end();
        return value;
    }

    byte[] exactMember(String name) {
        byte[][] found = new byte[1][];
        skipSpace();
        members((member, start) -> {
            if (member.equals(name)) {
                found[0] = Arrays.copyOfRange(bytes, start, at);
            }
        });
        end();
        if (found[0] == null) {
            throw Json.fault("member \"" + name + "\" is missing");
        }
        return found[0];
    }

    private void end() {
        skipSpace();
        if (at != bytes.length) {
            throw fault("something follows the end of the document");
        }
    }

    private JsonValue value() {
        skipSpace();
        return switch (peek()) {
            case '{' -> new JsonObject(members(MemberSeen.NOBODY));
            case '[' -> array();
            case '"' -> new JsonString(string());
            case 't' -> word("true", new JsonBool(true));
            case 'f' -> word("false", new JsonBool(false));
            case 'n' -> word("null", JsonNull.INSTANCE);
            default -> number();
        };
    }

    private interface MemberSeen {
        MemberSeen NOBODY = (name, start) -> {};

        void at(String name, int start);
    }

    private JsonObject.ReadMembers members(MemberSeen seen) {
        expect('{');
        deeper();
        JsonObject.ReadMembers members = new JsonObject.ReadMembers();
        skipSpace();
        if (!taken('}')) {
            do {
                skipSpace();
                String name = string();
                skipSpace();
                expect(':');
                skipSpace();
                int start = at;
                if (members.put(name, value()) != null) {
                    throw Json.duplicate(name);
                }
                seen.at(name, start);
                skipSpace();
            } while (taken(','));
            expect('}');
        }
        depth--;
        return members;
    }

    private JsonArray array() {
        expect('[');
        deeper();
        List<JsonValue> items = new ArrayList<>();
        skipSpace();
        if (!taken(']')) {
            do {
                items.add(value());
                skipSpace();
            } while (taken(','));
            expect(']');
        }
        depth--;
        return new JsonArray(items);
    }

    private JsonValue word(String word, JsonValue value) {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
        return value;
    }

    private JsonNumber number() {
        int start = at;
        taken('-');
        if (!taken('0')) {
            digits();
        }
        if (taken('.')) {
            digits();
        }
        if (at < bytes.length && (bytes[at] == 'e' || bytes[at] == 'E')) {
            at++;
            if (!taken('+')) {
                taken('-');
            }
            digits();
        }
        if (compact && !wholeNumber(start)) {
            throw Json.notCompact("a number that is not whole, or too long, stands at byte " + start);
        }
        if (at - start > JsonNumber.LONGEST) {
            throw fault("a number of " + (at - start) + " characters; at most " + JsonNumber.LONGEST + " are read");
        }
        return new JsonNumber(new String(bytes, start, at - start, StandardCharsets.ISO_8859_1));
    }

    private boolean wholeNumber(int start) {
        for (int i = start; i < at; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                return false;
            }
        }
        return at - start <= SIGNED_DIGITS;
    }

    private void digits() {
        int start = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == start) {
            throw fault(at < bytes.length ? "a value is malformed" : "the document ends within a value");
        }
    }

    private String string() {
        expect('"');
        int start = at;
        boolean ascii = true;
        while (at < bytes.length) {
            byte b = bytes[at];
            if (b == '"') {
                String text = ascii ? new String(bytes, start, at - start, StandardCharsets.ISO_8859_1) : utf8(start);
                at++;
                return text;
            }
            if (b == '\\') {
                if (compact) {
                    throw Json.notCompact("an escape stands at byte " + at);
                }
                return escapedString(start);
            }
            if (b >= 0 && b < 0x20) {
                throw fault("a control character stands in a string");
            }
            ascii &= b >= 0;
            at++;
        }
        throw fault("the document ends within a string");
    }

    private String escapedString(int start) {
        StringBuilder text = new StringBuilder(utf8(start));
        while (at < bytes.length) {
            byte b = bytes[at];
            if (b == '"') {
                at++;
                return text.toString();
            }
            if (b >= 0 && b < 0x20) {
                throw fault("a control character stands in a string");
            }
            if (b == '\\') {
                at++;
                text.append(escape());
            } else {
                int run = at;
                while (at < bytes.length && bytes[at] != '"' && bytes[at] != '\\' && (bytes[at] & 0xff) >= 0x20) {
                    at++;
                }
                text.append(utf8(run));
            }
        }
        throw fault("the document ends within a string");
    }

    private char escape() {
        char c = (char) peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexEscape();
            default -> throw fault("an escape is malformed");
        };
    }

    private char hexEscape() {
        int c = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw fault("an escape is malformed");
            }
            c = c << 4 | digit;
            at++;
        }
        return (char) c;
    }

    private String utf8(int start) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, at - start))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Json.fault("a string before byte " + at + " is not UTF-8", e);
        }
    }

    private void deeper() {
        depth++;
        if (depth > Json.DEEPEST) {
            throw fault("it is nested deeper than " + Json.DEEPEST);
        }
    }

    private void skipSpace() {
        int before = at;
        while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
        if (compact && depth > 0 && at > before) {
            throw Json.notCompact("white space stands at byte " + before);
        }
    }

    private boolean taken(char c) {
        if (at < bytes.length && bytes[at] == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!taken(c)) {
            throw fault("'" + c + "' expected");
        }
    }

    private int peek() {
        if (at >= bytes.length) {
            throw fault("the document ends too early");
        }
        return bytes[at];
    }

    private S3mlException fault(String why) {
        return Json.fault(why + " (byte " + at + ")");
    }
}
