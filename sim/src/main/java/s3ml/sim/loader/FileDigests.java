package s3ml.sim.loader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.conscrypt.Conscrypt;
import s3ml.attest.Digest;

/// SHA-256 of files. Digests of files that are used in place (the JDK's) are remembered by path, size and time of
/// change for the life of the process: a saving, which trusts that nobody changes a JDK under a running platform.
final class FileDigests {
    /// Conscrypt digests at full speed in a JVM that compiles with C1 only, where the JDK's own takes ten times longer.
    private static final Provider PROVIDER = Conscrypt.newProvider();

    private static final int BUFFER = 1 << 18;

    private final Map<Key, Digest> known = new ConcurrentHashMap<>();

    private record Key(Path path, long size, FileTime changed) {}

    /// The digest of a file that is used where it lies.
    Digest inPlace(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        Key key = new Key(file, attributes.size(), attributes.lastModifiedTime());
        Digest digest = known.get(key);
        if (digest == null) {
            digest = read(file, null);
            known.put(key, digest);
        }
        return digest;
    }

    /// The digest of a file, read now.
    static Digest of(Path file) throws IOException {
        return read(file, null);
    }

    /// Copies a file and returns the digest of exactly the bytes that were written.
    static Digest copying(Path from, Path to) throws IOException {
        try (FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            Digest digest = read(from, out);
            // The JVM's class archives name their jars with size and time.
            Files.setLastModifiedTime(to, FileTime.from(RuntimeImage.JAR_TIME));
            return digest;
        }
    }

    private static Digest read(Path from, @org.jspecify.annotations.Nullable FileChannel copy) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try (FileChannel in = FileChannel.open(from)) {
            while (in.read(buffer) >= 0) {
                buffer.flip();
                digest.update(buffer.array(), 0, buffer.limit());
                while (copy != null && buffer.hasRemaining()) {
                    copy.write(buffer);
                }
                buffer.clear();
            }
        }
        return Digest.ofBytes(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256", PROVIDER);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
