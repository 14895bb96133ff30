package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;
import s3ml.attest.Digest;

/// What stands before the segments of a package, read within bounds, not yet authenticated.
record RawManifest(ByteString json, ByteString tag, ModelManifest manifest, Digest digest) {
    /// Reads the start of a package; one whose manifest is not the expected one is refused before it is parsed.
    static RawManifest read(FileChannel file, Optional<Digest> expected) {
        ByteBuffer prefix = ByteBuffer.allocate(PackageLayout.PREFIX_BYTES);
        ModelPackageReader.readFully(file, prefix, 0);
        byte[] magic = Arrays.copyOf(prefix.array(), PackageLayout.MAGIC.length);
        if (!Arrays.equals(magic, PackageLayout.MAGIC)) {
            throw PackageFault.notAPackage();
        }
        long length = Integer.toUnsignedLong(prefix.getInt(PackageLayout.MAGIC.length));
        if (length < PackageLayout.MIN_MANIFEST_BYTES || length > PackageLayout.MAX_MANIFEST_BYTES) {
            throw PackageFault.manifestLength(length);
        }
        byte[] json = new byte[(int) length];
        ModelPackageReader.readFully(file, ByteBuffer.wrap(json), PackageLayout.PREFIX_BYTES);
        byte[] tag = new byte[PackageLayout.TAG_BYTES];
        ModelPackageReader.readFully(file, ByteBuffer.wrap(tag), PackageLayout.PREFIX_BYTES + length);
        Digest digest = Digest.of(json);
        if (expected.isPresent() && !expected.get().equals(digest)) {
            throw PackageFault.unexpectedManifest(expected.get(), digest);
        }
        return new RawManifest(ByteString.copyFrom(json), ByteString.copyFrom(tag), ModelManifest.parse(json), digest);
    }
}
