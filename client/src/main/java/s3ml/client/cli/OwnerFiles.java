package s3ml.client.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.client.PemText;
import s3ml.protocol.Signatures;

/// The files that owners keep: admin keys as PEM, package keys as hexadecimal digits, documents as text.
///
/// Codes: `CLI-140` a file that cannot be read or written, `CLI-141` a secret file that exists already or that others
/// may read, `CLI-142` a file whose content is not what it should be.
public final class OwnerFiles {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Pattern PRIVATE =
            Pattern.compile("-----BEGIN PRIVATE KEY-----\\s+([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final Pattern PUBLIC =
            Pattern.compile("-----BEGIN PUBLIC KEY-----\\s+([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");
    private static final int PACKAGE_KEY_BYTES = 32;
    /// Keys, policies and descriptions are all far smaller.
    private static final long MAX_BYTES = 1 << 20;

    private OwnerFiles() {}

    /// Writes a key pair as PKCS #8 and SubjectPublicKeyInfo, readable by its owner only; refuses to replace a file.
    public static void writeAdminKey(Path file, KeyPair keys) {
        String text = PemText.of("PRIVATE KEY", keys.getPrivate().getEncoded())
                + PemText.of("PUBLIC KEY", keys.getPublic().getEncoded());
        writeSecret(file, text);
    }

    static KeyPair readAdminKey(Path file) {
        checkOwnerOnly(file);
        String text = read(file);
        return new KeyPair(
                Signatures.publicKey(block(file, text, PUBLIC)), Signatures.privateKey(block(file, text, PRIVATE)));
    }

    /// The public half of an admin key: from its file, from a PEM file of the public key alone, or from base64 text.
    static byte[] readPublicKey(String fileOrBase64) {
        Path file = Path.of(fileOrBase64);
        if (Files.exists(file)) {
            return block(file, read(file), PUBLIC);
        }
        try {
            byte[] key = Base64.getDecoder().decode(fileOrBase64);
            Signatures.publicKey(key);
            return key;
        } catch (IllegalArgumentException e) {
            throw new S3mlException(
                    "CLI-142",
                    "cannot use the public key",
                    "\"" + fileOrBase64 + "\" is neither a file nor base64",
                    "give the file or the text that `s3ml key new` printed",
                    e);
        }
    }

    static void writePackageKey(Path file, SecretBytes key) {
        key.expose(bytes -> {
            writeSecret(file, HexFormat.of().formatHex(bytes) + "\n");
            return true;
        });
    }

    static SecretBytes readPackageKey(Path file) {
        checkOwnerOnly(file);
        try {
            byte[] key = HexFormat.of().parseHex(read(file).strip());
            if (key.length == PACKAGE_KEY_BYTES) {
                return SecretBytes.takeOver(key);
            }
        } catch (IllegalArgumentException ignored) {
            // Refused below; the text itself may be half a key, and is not shown.
        }
        throw malformed(file, "it does not hold 64 hexadecimal digits", "give the key file of `s3ml model pack`");
    }

    static void writeSecret(Path file, String text) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        try (SeekableByteChannel channel = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (java.nio.file.FileAlreadyExistsException e) {
            throw new S3mlException(
                    "CLI-141",
                    "did not write the key " + file,
                    "a file of that name exists, and a key must not be lost by replacing it",
                    "choose another name",
                    e);
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    private static void checkOwnerOnly(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.GROUP_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_READ)) {
                throw new S3mlException(
                        "CLI-141", "did not use the key " + file, "others may read it", "chmod 600 " + file);
            }
        } catch (UnsupportedOperationException ignored) {
            // A file system without such permissions.
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    static String read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw malformed(file, "it has more than " + MAX_BYTES + " bytes", "give the right file");
            }
            return Files.readString(file);
        } catch (java.nio.charset.MalformedInputException e) {
            throw malformed(file, "it is not text in UTF-8", "give the right file");
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    /// The whole content of a file; the caller zeroes it when it is secret.
    static byte[] readBytes(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw malformed(file, "it has more than " + MAX_BYTES + " bytes", "give the right file");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw failed("read", file, e);
        }
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    static void writeBytes(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    static void createFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw failed("make", folder, e);
        }
    }

    private static byte[] block(Path file, String text, Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw malformed(file, "it holds no such PEM block", "give a key file of `s3ml key new`");
        }
        try {
            return Base64.getMimeDecoder().decode(matcher.group(1));
        } catch (IllegalArgumentException ignored) {
            throw malformed(file, "its PEM block is not base64", "give a key file of `s3ml key new`");
        }
    }

    private static S3mlException malformed(Path file, String why, String next) {
        return new S3mlException("CLI-142", "cannot use the file " + file, why, next);
    }

    private static S3mlException failed(String action, Path file, IOException cause) {
        return new S3mlException(
                "CLI-140",
                "cannot " + action + " " + file,
                cause.getClass().getSimpleName() + " " + cause.getMessage(),
                "check the path and its permissions",
                cause);
    }
}
