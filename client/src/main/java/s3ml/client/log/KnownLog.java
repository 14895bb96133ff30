package s3ml.client.log;

import com.google.protobuf.ByteString;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Signatures;
import s3ml.protocol.log.LogVerifier;
import s3ml.wire.aecs.LogHead;

/// The log of one AECS as far as it was seen: whose it is, and its newest head.
///
/// Codes: `CLI-171` a file that holds no such thing.
///
/// @param instanceId 16 bytes, names the AECS
/// @param identityKey SubjectPublicKeyInfo (DER) of the AECS identity
/// @param head as the AECS signed it
public record KnownLog(ByteString instanceId, ByteString identityKey, LogHead head) {
    private static final Set<String> MEMBERS =
            Set.of("instanceId", "identityKey", "size", "root", "timestamp", "signature");

    public KnownLog {
        if (instanceId.size() != AecsMessages.INSTANCE_ID_BYTES) {
            throw new IllegalArgumentException("an instance id has " + AecsMessages.INSTANCE_ID_BYTES + " bytes");
        }
    }

    /// Checks what the AECS of this log signs.
    public LogVerifier verifier() {
        return new LogVerifier(Signatures.publicKey(identityKey.toByteArray()));
    }

    /// The instance id in hexadecimal digits.
    public String instanceHex() {
        return HexFormat.of().formatHex(instanceId.toByteArray());
    }

    /// The members as JSON.
    public JsonObject toJson() {
        Base64.Encoder base64 = Base64.getEncoder();
        return JsonObject.builder()
                .put("instanceId", instanceHex())
                .put("identityKey", base64.encodeToString(identityKey.toByteArray()))
                .put("size", head.getTreeSize())
                .put("root", HexFormat.of().formatHex(head.getRootHash().toByteArray()))
                .put("timestamp", head.getTimestampUnixMillis())
                .put("signature", base64.encodeToString(head.getSignature().toByteArray()))
                .build();
    }

    /// Reads what [#toJson] wrote; the head's signature is not verified by this.
    ///
    /// @throws S3mlException `CLI-171`
    public static KnownLog fromJson(JsonObject json) {
        try {
            json.onlyMembers(MEMBERS);
            Base64.Decoder base64 = Base64.getDecoder();
            LogHead head = LogHead.newBuilder()
                    .setTreeSize(json.number("size"))
                    .setRootHash(ByteString.copyFrom(
                            Digest.parse(json.string("root")).bytes()))
                    .setTimestampUnixMillis(json.number("timestamp"))
                    .setSignature(ByteString.copyFrom(base64.decode(json.string("signature"))))
                    .build();
            return new KnownLog(
                    ByteString.copyFrom(HexFormat.of().parseHex(json.string("instanceId"))),
                    ByteString.copyFrom(base64.decode(json.string("identityKey"))),
                    head);
        } catch (IllegalArgumentException | S3mlException e) {
            throw new S3mlException(
                    "CLI-171",
                    "cannot read the head of a log",
                    String.valueOf(e.getMessage()),
                    "use a file that s3ml log wrote",
                    e);
        }
    }
}
