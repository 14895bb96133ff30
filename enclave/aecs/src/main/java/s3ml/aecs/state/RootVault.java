package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import s3ml.attest.SealTo;
import s3ml.attest.SealingKeys;
import s3ml.attest.SecretBytes;
import s3ml.protocol.NativeCrypto;
import s3ml.wire.aecs.state.SealedRoot;

/// The file in which the root secret waits for a restart on this machine, sealed by a key that only this enclave (or
/// its signer's enclaves) can derive here.
///
/// The host can delete or replace the file; it can read nothing from it, and a replaced one does not unseal.
public final class RootVault {
    private static final byte[] CONTEXT = "s3ml aecs root v1".getBytes(StandardCharsets.UTF_8);
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int MAX_FILE_BYTES = 1_024;

    private final Path file;
    private final SealingKeys keys;

    /// @param file where the sealed root is; its folder exists
    public RootVault(Path file, SealingKeys keys) {
        this.file = file;
        this.keys = keys;
    }

    /// Seals the root and writes it durably, in place of an older one.
    public void store(RootSecret root, SealTo to, SecureRandom random) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] plaintext = root.secret().expose(bytes -> Arrays.copyOf(bytes, RootSecret.BYTES + 1));
        plaintext[RootSecret.BYTES] = (byte) (root.signerTrusted() || to == SealTo.SIGNER ? 1 : 0);
        byte[] ciphertext = crypt(Cipher.ENCRYPT_MODE, to, nonce, plaintext);
        Arrays.fill(plaintext, (byte) 0);
        byte[] sealed = SealedRoot.newBuilder()
                .setSealedTo(to == SealTo.SIGNER ? 1 : 0)
                .setNonce(ByteString.copyFrom(nonce))
                .setCiphertext(ByteString.copyFrom(ciphertext))
                .build()
                .toByteArray();
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(sealed);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder();
        } catch (IOException e) {
            throw Faults.storage("root file", "writing " + file, e);
        }
    }

    /// The root that was stored here; empty when there is no file.
    ///
    /// @throws s3ml.attest.S3mlException `AECS-306` if it does not unseal in this enclave
    public Optional<RootSecret> load() {
        byte[] bytes;
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw Faults.root(file + " is too long to be a sealed root", null);
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw Faults.storage("root file", "reading " + file, e);
        }
        return Optional.of(unseal(bytes));
    }

    private RootSecret unseal(byte[] bytes) {
        try {
            SealedRoot sealed = SealedRoot.parseFrom(bytes);
            if (sealed.getNonce().size() != NONCE_BYTES) {
                throw Faults.root(file + " was altered", null);
            }
            SealTo to = sealed.getSealedTo() == 1 ? SealTo.SIGNER : SealTo.ENCLAVE;
            byte[] opened = crypt(
                    Cipher.DECRYPT_MODE,
                    to,
                    sealed.getNonce().toByteArray(),
                    sealed.getCiphertext().toByteArray());
            boolean signerTrusted = to == SealTo.SIGNER || opened[RootSecret.BYTES] == 1;
            byte[] root = Arrays.copyOf(opened, RootSecret.BYTES);
            try {
                return RootSecret.of(root, signerTrusted);
            } finally {
                Arrays.fill(root, (byte) 0);
                Arrays.fill(opened, (byte) 0);
            }
        } catch (InvalidProtocolBufferException e) {
            throw Faults.root(file + " is no sealed root", e);
        }
    }

    private byte[] crypt(int mode, SealTo to, byte[] nonce, byte[] input) {
        try (SecretBytes key = keys.derive(to, CONTEXT)) {
            return key.expose(bytes -> {
                try {
                    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", NativeCrypto.provider());
                    cipher.init(mode, new SecretKeySpec(bytes, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
                    cipher.updateAAD(CONTEXT);
                    return cipher.doFinal(input);
                } catch (GeneralSecurityException e) {
                    throw Faults.root(
                            file + " was sealed on another machine, by another build of the AECS, or altered", e);
                }
            });
        }
    }

    private void syncFolder() throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
