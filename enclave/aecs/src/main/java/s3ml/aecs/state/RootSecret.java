package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import s3ml.attest.SecretBytes;
import s3ml.protocol.Hkdf;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.Signatures;

/// The one secret that all replicas of an AECS share; every other key of the AECS itself derives from it.
///
/// So whoever holds the root holds the AECS: it leaves an enclave only sealed (to this machine's enclave, to an
/// attested replica, or as shares to the admins).
///
/// Thread-safe. Closing it zeroes the root.
public final class RootSecret implements AutoCloseable {
    /// Length of the root.
    public static final int BYTES = 32;

    private static final int INSTANCE_ID_BYTES = 16;
    private static final byte[] SALT = new byte[0];
    private static final ASN1ObjectIdentifier P256 = SECObjectIdentifiers.secp256r1;
    /// FIPS 186-5 A.2.1: 64 bits more than the order has, so that the scalar's bias is negligible.
    private static final int SCALAR_SEED_BYTES = 40;

    private final SecretBytes root;
    private final KeyPair identity;
    private final byte[] instanceId;

    private final boolean signerTrusted;

    private RootSecret(SecretBytes root, boolean signerTrusted) {
        this.root = root;
        this.signerTrusted = signerTrusted;
        this.identity = identity(root);
        this.instanceId = derive("s3ml aecs instance v1", INSTANCE_ID_BYTES).expose(byte[]::clone);
    }

    /// A fresh root: a new AECS.
    public static RootSecret create(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new RootSecret(SecretBytes.takeOver(bytes), false);
    }

    /// The root with these bytes, which are copied.
    ///
    /// @param signerTrusted see [#signerTrusted]
    /// @throws IllegalArgumentException unless there are 32
    public static RootSecret of(byte[] bytes, boolean signerTrusted) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a root secret has " + BYTES + " bytes, not " + bytes.length);
        }
        return new RootSecret(SecretBytes.copyOf(bytes), signerTrusted);
    }

    /// The root itself, for sealing and for splitting.
    public SecretBytes secret() {
        return root;
    }

    /// Whether the root was ever within reach of other enclaves of the same signer: told in the AECS's evidence,
    /// because whoever trusts this AECS then trusts the signer too.
    public boolean signerTrusted() {
        return signerTrusted;
    }

    /// 16 bytes that name this AECS across restarts and replicas.
    public byte[] instanceId() {
        return instanceId.clone();
    }

    /// The key pair that signs leases, descriptions and heads.
    public KeyPair identity() {
        return identity;
    }

    /// The key pair to which admins seal what they import. The caller closes it.
    public HpkeKeyPair importKey() {
        SecretBytes secret = derive("s3ml aecs hpke v1", 32);
        ByteString publicKey = secret.expose(bytes -> ByteString.copyFrom(
                new X25519PrivateKeyParameters(bytes).generatePublicKey().getEncoded()));
        return new HpkeKeyPair(publicKey, secret);
    }

    /// A key for the purpose that `info` names.
    public SecretBytes derive(String info, int length) {
        return Hkdf.derive(root, SALT, info, length);
    }

    private static KeyPair identity(SecretBytes root) {
        byte[] seed = Hkdf.derive(root, SALT, "s3ml aecs identity v1", SCALAR_SEED_BYTES)
                .expose(byte[]::clone);
        X9ECParameters curve = CustomNamedCurves.getByOID(P256);
        BigInteger scalar = new BigInteger(1, seed)
                .mod(curve.getN().subtract(BigInteger.ONE))
                .add(BigInteger.ONE);
        Arrays.fill(seed, (byte) 0);
        byte[] point = new FixedPointCombMultiplier()
                .multiply(curve.getG(), scalar)
                .normalize()
                .getEncoded(false);
        AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, P256);
        try {
            byte[] spki = new SubjectPublicKeyInfo(algorithm, point).getEncoded("DER");
            byte[] pkcs8 = new PrivateKeyInfo(
                            algorithm,
                            new ECPrivateKey(curve.getN().bitLength(), scalar, new DERBitString(point), null))
                    .getEncoded("DER");
            PublicKey publicKey = Signatures.publicKey(spki);
            PrivateKey privateKey = Signatures.privateKey(pkcs8);
            Arrays.fill(pkcs8, (byte) 0);
            return new KeyPair(publicKey, privateKey);
        } catch (java.io.IOException e) {
            throw new IllegalStateException("a key of fixed form cannot be encoded", e);
        }
    }

    @Override
    public void close() {
        root.close();
    }
}
