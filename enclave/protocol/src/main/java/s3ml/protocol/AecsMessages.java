package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.security.PublicKey;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.PutModelKey;
import s3ml.wire.aecs.ReleaseResponse;
import s3ml.wire.aecs.SignedCommand;

/// The signatures and envelopes of `aecs.proto`, each computed in this one place for all parties.
///
/// Codes: `PRO-105` a lease that the attested AECS did not sign, and those of [Hpke].
public final class AecsMessages {
    /// Length of every nonce of the AECS protocol.
    public static final int NONCE_BYTES = 32;

    /// Length of an [s3ml.wire.aecs.AecsClaims#getInstanceId()].
    public static final int INSTANCE_ID_BYTES = 16;

    private static final String DESCRIPTION = "s3ml service description v1";
    private static final String COMMAND = "s3ml admin command v1";
    private static final String LOG_HEAD = "s3ml log head v1";
    private static final String LEASE = "s3ml lease v1";
    private static final String MODEL_KEY = "s3ml model key v1";
    private static final byte[] SEPARATOR = {0};

    private AecsMessages() {}

    /// Signs a serialized `ServiceDescription` as the AECS.
    public static byte[] signDescription(PrivateKey identity, byte[] nonce, byte[] description) {
        return Signatures.sign(identity, DESCRIPTION, checkNonce(nonce), description);
    }

    /// Whether the AECS signed this description for this nonce.
    public static boolean verifyDescription(PublicKey identity, byte[] nonce, byte[] description, byte[] signature) {
        return Signatures.verify(identity, signature, DESCRIPTION, checkNonce(nonce), description);
    }

    /// Signs a serialized `AdminCommand`.
    ///
    /// @param publicKey SubjectPublicKeyInfo of the same key, DER
    public static SignedCommand signCommand(PrivateKey adminKey, byte[] publicKey, byte[] command) {
        return SignedCommand.newBuilder()
                .setCommand(ByteString.copyFrom(command))
                .setPublicKey(ByteString.copyFrom(publicKey))
                .setSignature(ByteString.copyFrom(Signatures.sign(adminKey, COMMAND, command)))
                .build();
    }

    /// Whether the command is signed by the key that it carries. Whether that key may command is another question.
    ///
    /// @throws S3mlException `PRO-103` if the key is no P-256 key
    public static boolean verifyCommand(SignedCommand signed) {
        PublicKey key = Signatures.publicKey(signed.getPublicKey().toByteArray());
        return Signatures.verify(
                key,
                signed.getSignature().toByteArray(),
                COMMAND,
                signed.getCommand().toByteArray());
    }

    /// Signs the head of the transparency log.
    ///
    /// @param rootHash 32 bytes
    public static LogHead signLogHead(PrivateKey identity, long treeSize, byte[] rootHash, long timestampMillis) {
        byte[] signed = logHeadBytes(treeSize, timestampMillis, rootHash);
        return LogHead.newBuilder()
                .setTreeSize(treeSize)
                .setRootHash(ByteString.copyFrom(rootHash))
                .setTimestampUnixMillis(timestampMillis)
                .setSignature(ByteString.copyFrom(Signatures.sign(identity, LOG_HEAD, signed)))
                .build();
    }

    /// Whether the AECS signed this log head.
    public static boolean verifyLogHead(PublicKey identity, LogHead head) {
        byte[] root = head.getRootHash().toByteArray();
        return root.length == Digest.BYTES
                && Signatures.verify(
                        identity,
                        head.getSignature().toByteArray(),
                        LOG_HEAD,
                        logHeadBytes(head.getTreeSize(), head.getTimestampUnixMillis(), root));
    }

    private static byte[] logHeadBytes(long treeSize, long timestampMillis, byte[] rootHash) {
        return ByteBuffer.allocate(2 * Long.BYTES + rootHash.length)
                .putLong(treeSize)
                .putLong(timestampMillis)
                .put(rootHash)
                .array();
    }

    /// Seals a serialized `Lease` to the enclave that made `claims`, and signs it as the AECS.
    ///
    /// @param claims the serialized `ReleaseClaims` exactly as received
    /// @param enclaveKey X25519 public key of those claims
    public static ReleaseResponse sealLease(
            PrivateKey identity, String service, byte[] claims, ByteString enclaveKey, byte[] lease) {
        byte[] claimsDigest = Digest.of(claims).bytes();
        Hpke.Sealed sealed = Hpke.seal(enclaveKey, leaseInfo(service), claimsDigest, lease);
        byte[] signature = Signatures.sign(identity, LEASE, claimsDigest, sealedDigest(sealed));
        return ReleaseResponse.newBuilder()
                .setEncapsulatedKey(sealed.encapsulatedKey())
                .setCiphertext(sealed.ciphertext())
                .setSignature(ByteString.copyFrom(signature))
                .build();
    }

    /// Opens a lease: first the signature of the attested AECS, then the seal.
    ///
    /// @param claims the serialized `ReleaseClaims` exactly as sent
    /// @return the serialized `Lease`
    /// @throws S3mlException `PRO-105` if the signature is wrong, `PRO-102` if it does not open
    public static byte[] openLease(
            PublicKey identity, String service, byte[] claims, SecretBytes enclaveKey, ReleaseResponse response) {
        byte[] claimsDigest = Digest.of(claims).bytes();
        Hpke.Sealed sealed = new Hpke.Sealed(response.getEncapsulatedKey(), response.getCiphertext());
        byte[] signature = response.getSignature().toByteArray();
        if (!Signatures.verify(identity, signature, LEASE, claimsDigest, sealedDigest(sealed))) {
            throw new S3mlException(
                    "PRO-105",
                    "refused lease for service \"" + service + "\"",
                    "the attested AECS did not sign it for this request",
                    "look for a proxy between this enclave and the AECS");
        }
        return Hpke.open(enclaveKey, leaseInfo(service), claimsDigest, sealed);
    }

    /// Seals a package key to an attested AECS.
    ///
    /// @param aecsKey X25519 public key of the attested AECS
    /// @param command the command to complete: service, name, version and manifest digest are set
    public static PutModelKey sealModelKey(ByteString aecsKey, PutModelKey command, SecretBytes packageKey) {
        byte[] aad = command.getManifestDigest().toByteArray();
        Hpke.Sealed sealed = packageKey.expose(key -> Hpke.seal(aecsKey, modelKeyInfo(command), aad, key));
        return command.toBuilder()
                .setEncapsulatedKey(sealed.encapsulatedKey())
                .setCiphertext(sealed.ciphertext())
                .build();
    }

    /// Opens a package key inside the AECS.
    ///
    /// @throws S3mlException `PRO-102` if it was sealed for another service, model, manifest or AECS
    public static SecretBytes openModelKey(SecretBytes aecsKey, PutModelKey command) {
        Hpke.Sealed sealed = new Hpke.Sealed(command.getEncapsulatedKey(), command.getCiphertext());
        byte[] aad = command.getManifestDigest().toByteArray();
        return SecretBytes.takeOver(Hpke.open(aecsKey, modelKeyInfo(command), aad, sealed));
    }

    private static byte[] leaseInfo(String service) {
        return Bytes.concat(Bytes.utf8(LEASE), SEPARATOR, Bytes.utf8(service));
    }

    private static byte[] modelKeyInfo(PutModelKey command) {
        return Bytes.concat(
                Bytes.utf8(MODEL_KEY),
                SEPARATOR,
                Bytes.utf8(command.getService()),
                SEPARATOR,
                Bytes.utf8(command.getName()),
                SEPARATOR,
                Bytes.utf8(command.getVersion()));
    }

    private static byte[] sealedDigest(Hpke.Sealed sealed) {
        return Digest.of(sealed.encapsulatedKey().concat(sealed.ciphertext()).toByteArray())
                .bytes();
    }

    private static byte[] checkNonce(byte[] nonce) {
        if (nonce.length != NONCE_BYTES) {
            throw new IllegalArgumentException("a nonce has " + NONCE_BYTES + " bytes, not " + nonce.length);
        }
        return nonce;
    }
}
