package s3ml.sim.loader;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;

/// The key of an enclave's signer: ECDSA P-256 in a file of two Base64 lines (PKCS #8, SubjectPublicKeyInfo). Whoever
/// holds the file may sign, as with the key of a SIGSTRUCT; MRSIGNER is SHA-256 of the SubjectPublicKeyInfo.
public final class SignerKey {
    private final PublicKey publicKey;

    private SignerKey(PublicKey publicKey) {
        this.publicKey = publicKey;
    }

    /// Reads the key, or makes one where there is none.
    ///
    /// @throws S3mlException SIM-111 if the file holds no key, or halves of two
    public static SignerKey openOrCreate(Path file) {
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            return open(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void create(Path file) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            Base64.Encoder encoder = Base64.getEncoder();
            Path fresh = Files.createTempFile(
                    file.toAbsolutePath().getParent(),
                    "signer",
                    ".new",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(
                    fresh,
                    encoder.encodeToString(pair.getPrivate().getEncoded()) + "\n"
                            + encoder.encodeToString(pair.getPublic().getEncoded()) + "\n");
            Files.move(fresh, file);
        } catch (FileAlreadyExistsException e) {
            // Another process made it first: that one is taken.
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SignerKey open(Path file) throws IOException {
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
            KeyFactory factory = KeyFactory.getInstance("EC");
            Base64.Decoder decoder = Base64.getDecoder();
            PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(decoder.decode(lines.get(0))));
            PublicKey publicKey = factory.generatePublic(new X509EncodedKeySpec(decoder.decode(lines.get(1))));
            requirePair(privateKey, publicKey);
            return new SignerKey(publicKey);
        } catch (GeneralSecurityException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new S3mlException(
                    "SIM-111", "could not sign the enclave", file + " holds no P-256 key pair", "name another file", e);
        }
    }

    private static void requirePair(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        byte[] probe = publicKey.getEncoded();
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(privateKey);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(probe);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the two keys do not belong together");
        }
    }

    /// MRSIGNER.
    public Digest mrSigner() {
        return Digest.of(publicKey.getEncoded());
    }
}
