package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import s3ml.attest.Digest;
import s3ml.attest.SecretBytes;

/// Encrypts a model file into a package, segment by segment; the model is never held in memory whole.
public final class ModelPackageWriter {
    private final SecureRandom random;

    /// @param random source of salts and package keys
    public ModelPackageWriter(SecureRandom random) {
        this.random = random;
    }

    /// A fresh package key of 32 bytes; one for each package.
    public SecretBytes newKey() {
        byte[] key = new byte[PackageLayout.KEY_BYTES];
        random.nextBytes(key);
        return SecretBytes.takeOver(key);
    }

    /// Packs `model` into `target`, which appears only when it is complete.
    ///
    /// @param packageKey 32 bytes, used for no other package; not kept
    public Packed pack(Path model, Title title, SecretBytes packageKey, Path target) {
        if (packageKey.length() != PackageLayout.KEY_BYTES) {
            throw new IllegalArgumentException("a package key has 32 bytes, not " + packageKey.length());
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            ModelManifest manifest = describe(model, title);
            byte[] json = manifest.toJson();
            try {
                write(model, manifest, json, packageKey, part);
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
            return new Packed(manifest, Digest.of(json), target);
        } catch (IOException e) {
            throw PackageFault.storage(e);
        }
    }

    private ModelManifest describe(Path model, Title title) throws IOException {
        byte[] salt = new byte[PackageLayout.SALT_BYTES];
        random.nextBytes(salt);
        try (FileChannel source = FileChannel.open(model, StandardOpenOption.READ)) {
            long size = source.size();
            if (size < 1 || size > PackageLayout.MAX_MODEL_BYTES) {
                throw PackageFault.cannotPack(
                        model, "it has " + size + " bytes, not 1.." + PackageLayout.MAX_MODEL_BYTES);
            }
            MessageDigest digest = ModelPackageReader.sha256();
            ByteBuffer buffer = ByteBuffer.allocateDirect(PackageLayout.SEGMENT_BYTES);
            while (source.read(buffer) >= 0) {
                digest.update(buffer.flip());
                buffer.clear();
            }
            return new ModelManifest(
                    title.name(),
                    title.version(),
                    size,
                    Digest.ofBytes(digest.digest()),
                    ByteString.copyFrom(salt),
                    title.labels());
        }
    }

    private static void write(Path model, ModelManifest manifest, byte[] json, SecretBytes packageKey, Path part)
            throws IOException {
        try (FileChannel source = FileChannel.open(model, StandardOpenOption.READ);
                FileChannel target = FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                SecretBytes segmentKey = PackageLayout.segmentKey(packageKey, manifest.salt())) {
            writeFully(target, ByteBuffer.wrap(PackageLayout.prefix(json.length)));
            writeFully(target, ByteBuffer.wrap(json));
            writeFully(target, ByteBuffer.wrap(ModelPackageReader.manifestTag(packageKey, manifest.salt(), json)));
            writeSegments(
                    source,
                    target,
                    manifest,
                    new SegmentCipher(segmentKey, Digest.of(json), PackageLayout.segmentCount(manifest.modelSize())),
                    model);
            target.force(true);
        }
    }

    private static void writeSegments(
            FileChannel source, FileChannel target, ModelManifest manifest, SegmentCipher cipher, Path model)
            throws IOException {
        MessageDigest digest = ModelPackageReader.sha256();
        ByteBuffer plaintext = ByteBuffer.allocateDirect(PackageLayout.SEGMENT_BYTES);
        ByteBuffer sealed = ByteBuffer.allocateDirect(PackageLayout.SEGMENT_BYTES + PackageLayout.SEGMENT_TAG_BYTES);
        int count = PackageLayout.segmentCount(manifest.modelSize());
        for (int index = 0; index < count; index++) {
            plaintext.clear().limit(PackageLayout.segmentBytes(manifest.modelSize(), index));
            while (plaintext.hasRemaining() && source.read(plaintext) >= 0) {}
            digest.update(plaintext.flip());
            cipher.seal(index, plaintext.rewind(), sealed.clear());
            writeFully(target, sealed.flip());
        }
        if (!Digest.ofBytes(digest.digest()).equals(manifest.modelDigest())) {
            throw PackageFault.cannotPack(model, "it changed while it was packed");
        }
    }

    private static void writeFully(FileChannel target, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            target.write(bytes);
        }
    }

    /// What the owner says about a model; `PRO-112` if a name, version or label is not as [ModelManifest] demands.
    public record Title(String name, String version, List<String> labels) {
        public Title {
            labels = List.copyOf(labels);
            ModelManifest.checkTitle(name, version, labels);
        }

        /// The usual name of the package.
        public String fileName() {
            return name + "-" + version + ".s3mlpkg";
        }
    }

    /// A finished package.
    ///
    /// @param manifestDigest SHA-256 of the manifest bytes
    public record Packed(ModelManifest manifest, Digest manifestDigest, Path file) {}
}
