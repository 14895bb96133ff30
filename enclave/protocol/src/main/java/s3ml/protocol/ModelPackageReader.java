package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;

/// Opens an encrypted model package from an untrusted file, straight into memory outside the Java heap.
///
/// The manifest is authenticated when the package is opened, each segment when it is read; a segment is copied from
/// the file once and never read again, so a storage that changes the file meanwhile gains nothing. Refusals
/// are [S3mlException]s `PRO-110` to `PRO-121`, listed in [PackageFault]. Not safe for use by several threads.
public final class ModelPackageReader implements AutoCloseable {
    /// What TFLite demands of a model buffer.
    public static final int MODEL_ALIGNMENT = 64;

    /// How many places are tried to tell a moved segment from a changed one: 1,024 take less than 0.1 s.
    private static final int MAX_PLACES_TRIED = 1024;

    private final FileChannel file;
    private final ModelManifest manifest;
    private final Digest manifestDigest;
    private final int manifestBytes;
    private final SegmentCipher cipher;
    private final ByteBuffer sealed =
            ByteBuffer.allocateDirect(PackageLayout.SEGMENT_BYTES + PackageLayout.SEGMENT_TAG_BYTES);

    private ModelPackageReader(FileChannel file, RawManifest raw, SecretBytes packageKey) {
        this.file = file;
        this.manifest = raw.manifest();
        this.manifestDigest = raw.digest();
        this.manifestBytes = raw.json().size();
        try (SecretBytes key = PackageLayout.segmentKey(packageKey, manifest.salt())) {
            this.cipher = new SegmentCipher(key, manifestDigest, segmentCount());
        }
    }

    /// Opens a package whose manifest is authenticated by the package key alone.
    ///
    /// @param packageKey 32 bytes; not kept
    public static ModelPackageReader open(Path file, SecretBytes packageKey) {
        return open(file, packageKey, Optional.empty());
    }

    /// Opens a package, and refuses it before anything of it is parsed unless its manifest has this digest.
    ///
    /// @param packageKey 32 bytes; not kept
    /// @param manifestDigest as a lease or a service description names it
    public static ModelPackageReader open(Path file, SecretBytes packageKey, Digest manifestDigest) {
        return open(file, packageKey, Optional.of(manifestDigest));
    }

    private static ModelPackageReader open(Path file, SecretBytes packageKey, Optional<Digest> expected) {
        if (packageKey.length() != PackageLayout.KEY_BYTES) {
            throw new IllegalArgumentException("a package key has 32 bytes, not " + packageKey.length());
        }
        @Nullable FileChannel channel = null;
        boolean opened = false;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            RawManifest raw = RawManifest.read(channel, expected);
            authenticate(raw, packageKey);
            checkLength(channel.size(), raw);
            ModelPackageReader reader = new ModelPackageReader(channel, raw, packageKey);
            opened = true;
            return reader;
        } catch (IOException e) {
            throw PackageFault.storage(e);
        } finally {
            if (!opened) {
                closeQuietly(channel);
            }
        }
    }

    /// Reads a manifest without its key: **unauthenticated**, for showing to people only.
    public static Inspection inspect(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            RawManifest raw = RawManifest.read(channel, Optional.empty());
            checkLength(channel.size(), raw);
            return new Inspection(raw.manifest(), raw.digest(), channel.size());
        } catch (IOException e) {
            throw PackageFault.storage(e);
        }
    }

    private static void authenticate(RawManifest raw, SecretBytes packageKey) {
        byte[] tag = manifestTag(packageKey, raw.manifest().salt(), raw.json().toByteArray());
        if (!MessageDigest.isEqual(tag, raw.tag().toByteArray())) {
            throw PackageFault.manifestTag();
        }
    }

    static byte[] manifestTag(SecretBytes packageKey, ByteString salt, byte[] json) {
        try (SecretBytes key = PackageLayout.manifestKey(packageKey, salt)) {
            Mac mac = Mac.getInstance("HmacSHA256", NativeCrypto.provider());
            mac.init(key.expose(bytes -> new SecretKeySpec(bytes, "HmacSHA256")));
            mac.update(PackageLayout.prefix(json.length));
            return mac.doFinal(json);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has no HMAC-SHA256", e);
        }
    }

    private static void checkLength(long actual, RawManifest raw) {
        long expected =
                PackageLayout.fileBytes(raw.json().size(), raw.manifest().modelSize());
        if (actual < expected) {
            throw PackageFault.truncated(expected, actual);
        }
        if (actual > expected) {
            throw PackageFault.trailing(expected, actual);
        }
    }

    /// The authenticated manifest.
    public ModelManifest manifest() {
        return manifest;
    }

    /// SHA-256 of the manifest bytes: the name of this package in policies, leases and descriptions.
    public Digest manifestDigest() {
        return manifestDigest;
    }

    /// How many segments the model has.
    public int segmentCount() {
        return PackageLayout.segmentCount(manifest.modelSize());
    }

    /// Decrypts the whole model into a new segment of `arena`, aligned to [#MODEL_ALIGNMENT], and compares its digest.
    public MemorySegment load(Arena arena) {
        MemorySegment model = arena.allocate(manifest.modelSize(), MODEL_ALIGNMENT);
        MessageDigest digest = sha256();
        for (int index = 0; index < segmentCount(); index++) {
            MemorySegment place = model.asSlice(
                    (long) index * PackageLayout.SEGMENT_BYTES,
                    PackageLayout.segmentBytes(manifest.modelSize(), index));
            readSegment(index, place);
            digest.update(place.asByteBuffer());
        }
        Digest actual = Digest.ofBytes(digest.digest());
        if (!actual.equals(manifest.modelDigest())) {
            model.fill((byte) 0);
            throw PackageFault.modelDigest(manifest.modelDigest(), actual);
        }
        return model;
    }

    /// Decrypts segment `index` (0 to [#segmentCount] - 1) into `target`, native memory of exactly its plaintext size.
    public void readSegment(int index, MemorySegment target) {
        int plaintextBytes = PackageLayout.segmentBytes(manifest.modelSize(), index);
        if (index < 0 || index >= segmentCount() || target.byteSize() != plaintextBytes || !target.isNative()) {
            throw new IllegalArgumentException("segment " + index + " of " + segmentCount() + " needs native memory of "
                    + plaintextBytes + " bytes, not " + target.byteSize());
        }
        sealed.clear().limit(plaintextBytes + PackageLayout.SEGMENT_TAG_BYTES);
        readFully(file, sealed, PackageLayout.segmentOffset(manifestBytes, index));
        if (!cipher.open(index, sealed.flip(), target)) {
            throw explain(index, target);
        }
    }

    /// Tells a moved segment from a changed one.
    private S3mlException explain(int index, MemorySegment target) {
        int places = Math.min(segmentCount(), MAX_PLACES_TRIED);
        for (int place = 0; place < places; place++) {
            boolean sameSize = PackageLayout.segmentBytes(manifest.modelSize(), place) == target.byteSize();
            if (place != index && sameSize && cipher.open(place, sealed.rewind(), target)) {
                target.fill((byte) 0);
                return PackageFault.segmentMoved(index, place);
            }
        }
        return PackageFault.segmentChanged(index);
    }

    @Override
    public void close() {
        closeQuietly(file);
    }

    static void readFully(FileChannel file, ByteBuffer target, long offset) {
        long wanted = offset + target.remaining();
        try {
            long position = offset;
            while (target.hasRemaining()) {
                int read = file.read(target, position);
                if (read < 0) {
                    throw PackageFault.truncated(wanted, position);
                }
                position += read;
            }
        } catch (IOException e) {
            throw PackageFault.storage(e);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256", NativeCrypto.provider());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has no SHA-256", e);
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException ignored) {
            // A file that was only read has nothing to lose.
        }
    }

    /// What a package says of itself, with nobody's word for it.
    ///
    /// @param fileBytes size of the package file
    public record Inspection(ModelManifest manifest, Digest manifestDigest, long fileBytes) {}
}
