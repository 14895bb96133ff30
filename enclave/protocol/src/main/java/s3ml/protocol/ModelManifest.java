package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;

/// What a model package says of its model; the JSON form is in the documentation of this package.
///
/// A manifest is built from checked values only: `PRO-112` names the first that is out of bounds.
///
/// @param name model name, as clients ask for it
/// @param version model version
/// @param modelSize plaintext bytes, 1 to 8 GiB
/// @param modelDigest SHA-256 of the plaintext model file
/// @param salt 32 bytes from which, with the package key, the package's keys derive
/// @param labels class names by index; may be empty
public record ModelManifest(
        String name, String version, long modelSize, Digest modelDigest, ByteString salt, List<String> labels) {
    /// The one format of today: a TensorFlow Lite flatbuffer.
    public static final String FORMAT = "tflite";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int MAX_LABELS = 10_000;
    private static final int MAX_LABEL_CHARS = 256;
    private static final Set<String> MEMBERS =
            Set.of("name", "version", "format", "modelSize", "modelSha256", "segmentSize", "salt", "labels");

    public ModelManifest {
        labels = List.copyOf(labels);
        checkTitle(name, version, labels);
        require(modelSize >= 1 && modelSize <= PackageLayout.MAX_MODEL_BYTES, "modelSize is " + modelSize);
        require(salt.size() == PackageLayout.SALT_BYTES, "salt has " + salt.size() + " bytes, not 32");
    }

    /// Checks what an owner chooses.
    static void checkTitle(String name, String version, List<String> labels) {
        require(NAME.matcher(name).matches(), "name is not 1..128 of A-Z a-z 0-9 . _ -");
        require(VERSION.matcher(version).matches(), "version is not 1..64 of A-Z a-z 0-9 . _ -");
        require(labels.size() <= MAX_LABELS, "labels has " + labels.size() + " entries");
        require(labels.stream().allMatch(ModelManifest::printable), "a label is too long or has control characters");
    }

    /// Reads the manifest bytes of a package.
    ///
    /// @throws S3mlException `PRO-112`
    static ModelManifest parse(byte[] json) {
        try {
            JsonObject object = Json.parseObject(json).onlyMembers(MEMBERS);
            require(object.string("format").equals(FORMAT), "format is not \"tflite\"");
            require(object.number("segmentSize") == PackageLayout.SEGMENT_BYTES, "segmentSize is not 65536");
            return new ModelManifest(
                    object.string("name"),
                    object.string("version"),
                    object.number("modelSize"),
                    Digest.parse(object.string("modelSha256")),
                    ByteString.copyFrom(HexFormat.of().parseHex(object.string("salt"))),
                    object.optionalArray("labels").map(JsonArray::strings).orElse(List.of()));
        } catch (IllegalArgumentException e) {
            throw PackageFault.manifestContent("a hex value is not valid", e);
        } catch (S3mlException e) {
            throw e.code().equals("PRO-112") ? e : PackageFault.manifestContent(String.valueOf(e.getMessage()), e);
        }
    }

    /// The bytes that stand in a package.
    byte[] toJson() {
        JsonObject.Builder object = JsonObject.builder()
                .put("name", name)
                .put("version", version)
                .put("format", FORMAT)
                .put("modelSize", modelSize)
                .put("modelSha256", modelDigest.hex())
                .put("segmentSize", PackageLayout.SEGMENT_BYTES)
                .put("salt", HexFormat.of().formatHex(salt.toByteArray()));
        if (!labels.isEmpty()) {
            object.put("labels", JsonArray.ofStrings(labels));
        }
        byte[] json = Json.write(object.build()).getBytes(StandardCharsets.UTF_8);
        require(json.length <= PackageLayout.MAX_MANIFEST_BYTES, "labels take " + json.length + " bytes in all");
        return json;
    }

    private static boolean printable(String label) {
        return label.length() <= MAX_LABEL_CHARS && label.chars().noneMatch(Character::isISOControl);
    }

    private static void require(boolean holds, String fault) {
        if (!holds) {
            throw PackageFault.manifestContent(fault, null);
        }
    }
}
