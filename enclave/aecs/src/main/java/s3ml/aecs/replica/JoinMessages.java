package s3ml.aecs.replica;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import s3ml.attest.Digest;
import s3ml.attest.SecretBytes;
import s3ml.protocol.Hpke;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.JoinResponse;

/// The envelope of a join, computed alike by giver and joiner.
final class JoinMessages {
    private static final String DOMAIN = "s3ml join v1";
    private static final byte[] INFO = (DOMAIN + "\0").getBytes(StandardCharsets.UTF_8);

    private JoinMessages() {}

    static JoinResponse seal(
            PrivateKey identity, byte[] claims, com.google.protobuf.ByteString joinerKey, byte[] grant) {
        byte[] digest = Digest.of(claims).bytes();
        Hpke.Sealed sealed = Hpke.seal(joinerKey, INFO, digest, grant);
        byte[] signature = Signatures.sign(identity, DOMAIN, digest, sealedDigest(sealed));
        return JoinResponse.newBuilder()
                .setEncapsulatedKey(sealed.encapsulatedKey())
                .setCiphertext(sealed.ciphertext())
                .setSignature(com.google.protobuf.ByteString.copyFrom(signature))
                .build();
    }

    /// Opens what the attested giver sealed.
    ///
    /// @throws s3ml.attest.S3mlException `AECS-250` if the giver did not sign it, `PRO-102` if it does not open
    static byte[] open(PublicKey identity, byte[] claims, SecretBytes joinerKey, JoinResponse response) {
        byte[] digest = Digest.of(claims).bytes();
        Hpke.Sealed sealed = new Hpke.Sealed(response.getEncapsulatedKey(), response.getCiphertext());
        byte[] signature = response.getSignature().toByteArray();
        if (!Signatures.verify(identity, signature, DOMAIN, digest, sealedDigest(sealed))) {
            throw ReplicaFaults.joinRefused("the attested replica did not sign the answer");
        }
        return Hpke.open(joinerKey, INFO, digest, sealed);
    }

    private static byte[] sealedDigest(Hpke.Sealed sealed) {
        return Digest.of(sealed.encapsulatedKey().concat(sealed.ciphertext()).toByteArray())
                .bytes();
    }
}
