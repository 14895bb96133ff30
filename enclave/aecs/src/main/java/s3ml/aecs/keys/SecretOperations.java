package s3ml.aecs.keys;

import com.google.protobuf.ByteString;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.SM2Engine;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.protocol.Hkdf;
import s3ml.protocol.Hpke;
import s3ml.protocol.NativeCrypto;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.SecretOperation;

/// What can be done with a secret without giving it away. An operation that a kind does not have, or an input that does
/// not open, gives nothing: which of them it was is not told, so that nobody learns from failures. Thread-safe.
public final class SecretOperations {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int SALT_BYTES = 32;
    private static final int DERIVED_BYTES = 32;

    private final SecureRandom random;
    private final Provider bouncyCastle = new BouncyCastleProvider();

    public SecretOperations(SecureRandom random) {
        this.random = random;
    }

    /// Runs the operation; empty if it cannot be done.
    public Optional<ByteString> run(
            SecretKind kind, ByteString material, SecretOperation operation, ByteString input, ByteString context) {
        byte[] bytes = material.toByteArray();
        try {
            return switch (operation) {
                case SIGN -> sign(kind, bytes, input.toByteArray());
                case ENCRYPT -> encrypt(kind, bytes, input.toByteArray(), context.toByteArray());
                case DECRYPT -> decrypt(kind, bytes, input, context.toByteArray());
                case DERIVE -> derive(kind, bytes, context);
                case SECRET_OPERATION_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
            };
        } catch (GeneralSecurityException | InvalidCipherTextException | java.io.IOException | S3mlException e) {
            return Optional.empty();
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private Optional<ByteString> sign(SecretKind kind, byte[] pkcs8, byte[] input) throws GeneralSecurityException {
        Signature signature = switch (kind) {
            case RSA_2048, RSA_3072, RSA_4096 -> {
                Signature pss = Signature.getInstance("SHA256withRSA/PSS", NativeCrypto.provider());
                pss.initSign(key("RSA", pkcs8, NativeCrypto.provider()));
                pss.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, SALT_BYTES, 1));
                yield pss;
            }
            case EC_P256, EC_P384 -> {
                Signature ecdsa = Signature.getInstance("SHA256withECDSA", NativeCrypto.provider());
                ecdsa.initSign(key("EC", pkcs8, NativeCrypto.provider()));
                yield ecdsa;
            }
            case ED25519 -> {
                Signature edwards = Signature.getInstance("Ed25519");
                edwards.initSign(KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
                yield edwards;
            }
            case SM2 -> {
                Signature sm2 = Signature.getInstance("SM3withSM2", bouncyCastle);
                sm2.initSign(key("EC", pkcs8, bouncyCastle), random);
                yield sm2;
            }
            default -> throw new GeneralSecurityException("this kind does not sign");
        };
        signature.update(input);
        return Optional.of(ByteString.copyFrom(signature.sign()));
    }

    private Optional<ByteString> encrypt(SecretKind kind, byte[] key, byte[] input, byte[] context)
            throws GeneralSecurityException {
        if (kind != SecretKind.AES_256) {
            return Optional.empty();
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] ciphertext = gcm(Cipher.ENCRYPT_MODE, key, nonce, context).doFinal(input);
        return Optional.of(ByteString.copyFrom(nonce).concat(ByteString.copyFrom(ciphertext)));
    }

    private Optional<ByteString> decrypt(SecretKind kind, byte[] key, ByteString input, byte[] context)
            throws GeneralSecurityException, InvalidCipherTextException, java.io.IOException {
        return switch (kind) {
            case AES_256 -> {
                if (input.size() < NONCE_BYTES) {
                    yield Optional.empty();
                }
                byte[] nonce = input.substring(0, NONCE_BYTES).toByteArray();
                byte[] rest = input.substring(NONCE_BYTES).toByteArray();
                yield Optional.of(ByteString.copyFrom(
                        gcm(Cipher.DECRYPT_MODE, key, nonce, context).doFinal(rest)));
            }
            case RSA_2048, RSA_3072, RSA_4096 -> {
                Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding", NativeCrypto.provider());
                oaep.init(
                        Cipher.DECRYPT_MODE,
                        key("RSA", key, NativeCrypto.provider()),
                        new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
                yield Optional.of(ByteString.copyFrom(oaep.doFinal(input.toByteArray())));
            }
            case SM2 -> {
                SM2Engine engine = new SM2Engine(SM2Engine.Mode.C1C3C2);
                engine.init(false, (ECPrivateKeyParameters) PrivateKeyFactory.createKey(key));
                byte[] bytes = input.toByteArray();
                yield Optional.of(ByteString.copyFrom(engine.processBlock(bytes, 0, bytes.length)));
            }
            case X25519 -> hpke(key, input, context);
            default -> Optional.empty();
        };
    }

    private static Optional<ByteString> hpke(byte[] key, ByteString input, byte[] context) {
        if (input.size() < Hpke.KEY_BYTES) {
            return Optional.empty();
        }
        Hpke.Sealed sealed = new Hpke.Sealed(input.substring(0, Hpke.KEY_BYTES), input.substring(Hpke.KEY_BYTES));
        try (SecretBytes secret = SecretBytes.copyOf(key)) {
            return Optional.of(ByteString.copyFrom(Hpke.open(secret, context, new byte[0], sealed)));
        }
    }

    private static Optional<ByteString> derive(SecretKind kind, byte[] key, ByteString context) {
        if (kind != SecretKind.AES_256 || !context.isValidUtf8()) {
            return Optional.empty();
        }
        try (SecretBytes secret = SecretBytes.copyOf(key);
                SecretBytes derived = Hkdf.derive(secret, new byte[0], context.toStringUtf8(), DERIVED_BYTES)) {
            return Optional.of(derived.expose(bytes -> ByteString.copyFrom(bytes)));
        }
    }

    private static Cipher gcm(int mode, byte[] key, byte[] nonce, byte[] context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", NativeCrypto.provider());
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        return cipher;
    }

    private static PrivateKey key(String algorithm, byte[] pkcs8, Provider provider) throws GeneralSecurityException {
        return KeyFactory.getInstance(algorithm, provider).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }
}
