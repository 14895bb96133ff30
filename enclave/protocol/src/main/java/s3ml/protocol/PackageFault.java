package s3ml.protocol;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;

/// Every way in which a model package is refused, one code each.
///
/// | code | finding |
/// | --- | --- |
/// | `PRO-110` | the file does not start as a package does |
/// | `PRO-111` | the manifest's length is out of bounds |
/// | `PRO-112` | the manifest is not the JSON object that the format demands |
/// | `PRO-113` | the manifest's tag is wrong: changed, or another key |
/// | `PRO-114` | an authentic manifest, but not the expected one |
/// | `PRO-115` | a segment does not authenticate: changed |
/// | `PRO-116` | a segment is authentic but stands in another one's place |
/// | `PRO-117` | the file ends too early |
/// | `PRO-118` | the file goes on after its end |
/// | `PRO-119` | the opened model has another SHA-256 than the manifest says |
/// | `PRO-120` | the file to pack has an impossible size, or changed while it was packed |
/// | `PRO-121` | the storage failed |
final class PackageFault {
    private static final String FETCH_AGAIN = "fetch the package again from its owner";

    private PackageFault() {}

    static S3mlException notAPackage() {
        return refused(
                "PRO-110", "it does not start with the text S3MLPKG1", "give a file made by `s3ml model pack`", null);
    }

    static S3mlException manifestLength(long length) {
        return refused(
                "PRO-111",
                "it announces a manifest of " + length + " bytes, which is not within 2.."
                        + PackageLayout.MAX_MANIFEST_BYTES,
                FETCH_AGAIN,
                null);
    }

    static S3mlException manifestContent(String why, @Nullable Throwable cause) {
        return refused("PRO-112", "its manifest is not valid: " + why, "give a file made by `s3ml model pack`", cause);
    }

    static S3mlException manifestTag() {
        return refused(
                "PRO-113",
                "its manifest does not authenticate: it was changed, or the key is another package's",
                FETCH_AGAIN + ", or give the key that was made with it",
                null);
    }

    static S3mlException unexpectedManifest(Digest expected, Digest actual) {
        return refused(
                "PRO-114",
                "its manifest digest is " + actual.hex() + ", expected " + expected.hex(),
                "fetch the version that the service description names, or register this one",
                null);
    }

    static S3mlException segmentChanged(int index) {
        return refused("PRO-115", "segment " + index + " does not authenticate: it was changed", FETCH_AGAIN, null);
    }

    static S3mlException segmentMoved(int index, int belongsAt) {
        return refused(
                "PRO-116",
                "in the place of segment " + index + " stands segment " + belongsAt + ": segments were moved",
                FETCH_AGAIN,
                null);
    }

    static S3mlException truncated(long expected, long actual) {
        return refused(
                "PRO-117",
                "it ends after " + actual + " bytes, expected " + expected + ": it is truncated",
                FETCH_AGAIN,
                null);
    }

    static S3mlException trailing(long expected, long actual) {
        return refused(
                "PRO-118", "it has " + (actual - expected) + " bytes after its end at " + expected, FETCH_AGAIN, null);
    }

    static S3mlException modelDigest(Digest expected, Digest actual) {
        return refused(
                "PRO-119",
                "the opened model has SHA-256 " + actual.hex() + ", its manifest says " + expected.hex(),
                "pack the model again",
                null);
    }

    static S3mlException cannotPack(Path model, String why) {
        return new S3mlException("PRO-120", "cannot pack " + model, why, "give a complete model file");
    }

    static S3mlException storage(IOException cause) {
        return new S3mlException(
                "PRO-121",
                "cannot read or write the model package",
                String.valueOf(cause.getMessage()),
                "check the path and the disk",
                cause);
    }

    private static S3mlException refused(String code, String why, String next, @Nullable Throwable cause) {
        return new S3mlException(code, "refused model package", why, next, cause);
    }
}
