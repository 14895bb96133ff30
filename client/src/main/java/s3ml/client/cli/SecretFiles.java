package s3ml.client.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Set;
import s3ml.attest.S3mlException;
import s3ml.client.PemText;
import s3ml.protocol.Lease;
import s3ml.protocol.LeasedSecret;
import s3ml.wire.aecs.SecretKind;

/// Writes what a lease gives to files, for applications that know nothing of leases.
///
/// | name | content |
/// | --- | --- |
/// | `tls.key` | private key of the service's certificate, PEM |
/// | `tls.crt` | its chain, leaf first, PEM |
/// | `ca.crt` | the service's CA, PEM |
/// | `secret/NAME` | current version: keys as PEM, other kinds as they are |
/// | `secret/NAME.pub` | its public half or certificate, PEM |
/// | `config/KEY` | a configuration entry, as text |
///
/// Files are readable by their owner only, and appear whole or not at all.
final class SecretFiles {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final String SECRET = "secret/";
    private static final String CONFIG = "config/";
    private static final String PUBLIC = ".pub";

    private final Lease lease;

    SecretFiles(Lease lease) {
        this.lease = lease;
    }

    /// The content of that name.
    ///
    /// @throws S3mlException `CLI-155` if the lease has none
    byte[] content(String name) {
        return switch (name) {
            case "tls.key" -> pem("PRIVATE KEY", lease.tls().privateKey().getEncoded());
            case "tls.crt" -> chain(0);
            case "ca.crt" -> chain(lease.tls().chain().size() - 1);
            default -> named(name);
        };
    }

    private byte[] named(String name) {
        if (name.startsWith(CONFIG)) {
            String value = lease.configuration().get(name.substring(CONFIG.length()));
            if (value != null) {
                return value.getBytes(StandardCharsets.UTF_8);
            }
        }
        if (name.startsWith(SECRET)) {
            String secret = name.substring(SECRET.length());
            for (LeasedSecret found : lease.secrets()) {
                if (found.name().equals(secret)) {
                    return material(found);
                }
                if (secret.equals(found.name() + PUBLIC)) {
                    return publicPart(found);
                }
            }
        }
        throw new S3mlException(
                "CLI-155",
                "cannot write \"" + name + "\"",
                "the lease of service \"" + lease.service() + "\" has nothing of that name for this enclave",
                "create it by `s3ml secret create`, or correct the name");
    }

    private static byte[] material(LeasedSecret secret) {
        if (secret.current().material().length() == 0) {
            throw new S3mlException(
                    "CLI-156",
                    "cannot write secret \"" + secret.name() + "\"",
                    "it never leaves the AECS (use-inside)",
                    "create one that may leave, or let the application use it through the AECS");
        }
        byte[] bytes = secret.current().material().expose(byte[]::clone);
        return switch (secret.kind()) {
            case AES_256, X25519, DATA -> bytes;
            default -> pem("PRIVATE KEY", bytes);
        };
    }

    private static byte[] publicPart(LeasedSecret secret) {
        byte[] bytes = secret.current().publicPart().toByteArray();
        if (secret.kind() == SecretKind.X25519) {
            return bytes;
        }
        return pem(secret.kind() == SecretKind.CERTIFICATE ? "CERTIFICATE" : "PUBLIC KEY", bytes);
    }

    private byte[] chain(int from) {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate :
                lease.tls().chain().subList(from, lease.tls().chain().size())) {
            text.append(PemText.of(certificate));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] pem(String type, byte[] der) {
        return PemText.of(type, der).getBytes(StandardCharsets.US_ASCII);
    }

    /// Writes the content of that name to a file, unless it holds that already.
    ///
    /// @return whether it was written
    boolean write(String name, Path file) {
        byte[] content = content(name);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            if (Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), content)) {
                return false;
            }
            Files.deleteIfExists(fresh);
            try (SeekableByteChannel channel = Files.newByteChannel(
                    fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (IOException e) {
            throw new S3mlException(
                    "CLI-157",
                    "cannot write " + file,
                    String.valueOf(e.getMessage()),
                    "make its folder, with room for it, inside the enclave's own file system",
                    e);
        } finally {
            Arrays.fill(content, (byte) 0);
            discard(fresh);
        }
    }

    /// What a full disk left half-written.
    private static void discard(Path fresh) {
        try {
            Files.deleteIfExists(fresh);
        } catch (IOException e) {
            // The failure that matters is told; this file is readable by its owner only.
        }
    }
}
