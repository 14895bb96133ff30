package s3ml.aecs.keys;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.NativeCrypto;
import s3ml.wire.aecs.SecretKind;

/// Makes the material of secrets, of every kind. Thread-safe.
public final class SecretMaker {
    private static final int AES_BYTES = 32;
    private static final int SERIAL_BITS = 120;

    private final SecureRandom random;
    private final BouncyCastleProvider bouncyCastle = new BouncyCastleProvider();

    public SecretMaker(SecureRandom random) {
        this.random = random;
    }

    /// Private material and, for kinds that have one, the public half.
    ///
    /// @param material PKCS #8, or raw bytes for `AES_256`, `X25519` and `DATA`
    /// @param publicPart SubjectPublicKeyInfo, certificate, raw X25519 key, or empty
    public record Made(ByteString material, ByteString publicPart) {}

    /// What a self-signed certificate says.
    public record Subject(String commonName, List<String> names, Duration validity, boolean simulated) {}

    /// Makes a secret of a kind that is generated; empty for those that are imported or certificates.
    public Optional<Made> generate(SecretKind kind) {
        return switch (kind) {
            case RSA_2048 -> Optional.of(rsa(2048));
            case RSA_3072 -> Optional.of(rsa(3072));
            case RSA_4096 -> Optional.of(rsa(4096));
            case EC_P256 -> Optional.of(pair("EC", new ECGenParameterSpec("secp256r1"), true));
            case EC_P384 -> Optional.of(pair("EC", new ECGenParameterSpec("secp384r1"), true));
            case ED25519 -> Optional.of(pair("Ed25519", null, false));
            case SM2 -> Optional.of(sm2());
            case AES_256 -> Optional.of(new Made(random(AES_BYTES), ByteString.EMPTY));
            case X25519 -> Optional.of(x25519());
            case DATA, CERTIFICATE, SECRET_KIND_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    }

    /// Makes a self-signed certificate with its key.
    public Made certificate(Subject subject, Instant now) {
        ServiceCa.Issued issued = ServiceCa.selfSigned(
                subject.commonName(),
                subject.names(),
                new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE),
                new ServiceCa.Validity(now, now.plus(subject.validity()), subject.simulated()));
        return new Made(issued.privateKey(), issued.certificate());
    }

    /// Makes a certificate that says the same as `former` (DER) and is valid as long from now on, with a fresh key.
    public Made again(byte[] former, Instant now, boolean simulated) {
        ServiceCa.Said said = ServiceCa.said(former);
        return certificate(new Subject(said.commonName(), said.names(), said.validity(), simulated), now);
    }

    private Made rsa(int bits) {
        return pair("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4), true);
    }

    private static Made x25519() {
        try (HpkeKeyPair pair = Hpke.generate()) {
            return new Made(pair.privateKey().expose(bytes -> ByteString.copyFrom(bytes)), pair.publicKey());
        }
    }

    private Made sm2() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", bouncyCastle);
            generator.initialize(new ECGenParameterSpec("sm2p256v1"), random);
            return made(generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Bouncy Castle has no SM2", e);
        }
    }

    private static Made pair(
            String algorithm, @org.jspecify.annotations.Nullable AlgorithmParameterSpec spec, boolean conscrypt) {
        try {
            // Ed25519 comes from the JDK: it takes no parameters and is not made often enough to need a fast provider.
            KeyPairGenerator generator = conscrypt
                    ? KeyPairGenerator.getInstance(algorithm, NativeCrypto.provider())
                    : KeyPairGenerator.getInstance(algorithm);
            if (spec != null) {
                generator.initialize(spec);
            }
            return made(generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no provider makes " + algorithm + " keys", e);
        }
    }

    private static Made made(KeyPair pair) {
        return new Made(
                ByteString.copyFrom(pair.getPrivate().getEncoded()),
                ByteString.copyFrom(pair.getPublic().getEncoded()));
    }

    private ByteString random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
