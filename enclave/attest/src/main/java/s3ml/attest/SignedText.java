package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// A statement of the vendor's as a PCCS serves it: TCB information, or the identity of a quoting enclave. Immutable.
public final class SignedText {
    private final String issuerChain;
    private final byte[] text;
    private final String signature;

    private SignedText(String issuerChain, byte[] text, String signature) {
        this.issuerChain = issuerChain;
        this.text = text;
        this.signature = signature;
    }

    /// Builds a statement from its parts.
    ///
    /// @param issuerChain the signing certificate and the root, PEM
    /// @param text the signed JSON object, exactly as it was signed
    /// @param signature r and s, 128 hexadecimal digits
    public static SignedText of(String issuerChain, String text, String signature) {
        return new SignedText(issuerChain, text.getBytes(StandardCharsets.UTF_8), signature);
    }

    /// As [#of], with the bytes of the text.
    static SignedText ofBytes(String issuerChain, byte[] text, String signature) {
        return new SignedText(issuerChain, text.clone(), signature);
    }

    /// From the answer of a PCCS: an object with the signed member and `signature`.
    ///
    /// @param member `tcbInfo` or `enclaveIdentity`
    static SignedText ofAnswer(String issuerChain, byte[] answer, String member) {
        JsonObject object = Json.parseObject(answer);
        return new SignedText(issuerChain, Json.exactMember(answer, member), object.string("signature"));
    }

    /// The signing certificate and the root, PEM.
    public String issuerChain() {
        return issuerChain;
    }

    /// The signed JSON object.
    public String text() {
        return new String(text, StandardCharsets.UTF_8);
    }

    /// The signature as it was served.
    public String signature() {
        return signature;
    }

    /// The answer of a PCCS that would be read as this statement.
    public String toAnswer(String member) {
        return "{\"" + member + "\":" + text() + ",\"signature\":\"" + signature + "\"}";
    }

    /// The signed bytes: the object itself, without white space around it.
    ByteView trimmed() {
        int from = 0;
        int to = text.length;
        while (from < to && isSpace(text[from])) {
            from++;
        }
        while (to > from && isSpace(text[to - 1])) {
            to--;
        }
        return new ByteView(text, from, to - from);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    byte[] exactBytes() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignedText that
                && Arrays.equals(text, that.text)
                && issuerChain.equals(that.issuerChain)
                && signature.equals(that.signature);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(text) + signature.hashCode();
    }
}
