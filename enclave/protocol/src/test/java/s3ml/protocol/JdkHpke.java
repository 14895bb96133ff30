package s3ml.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The receiving half of RFC 9180, base mode, written from the RFC on the JDK's own primitives: a second opinion on
/// [Hpke], which runs on another library.
final class JdkHpke {
    private static final byte[] KEM_SUITE = {'K', 'E', 'M', 0x00, 0x20};
    private static final byte[] HPKE_SUITE = {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x02};
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b656e032100");
    private static final byte[] PKCS8 = HexFormat.of().parseHex("302e020100300506032b656e04220420");

    private JdkHpke() {}

    static byte[] open(byte[] privateKey, byte[] publicKey, byte[] enc, byte[] info, byte[] aad, byte[] ciphertext)
            throws GeneralSecurityException {
        byte[] shared = decapsulate(privateKey, publicKey, enc);
        byte[] context = join(
                new byte[] {0},
                labeledExtract(HPKE_SUITE, new byte[0], "psk_id_hash", new byte[0]),
                labeledExtract(HPKE_SUITE, new byte[0], "info_hash", info));
        byte[] secret = labeledExtract(HPKE_SUITE, shared, "secret", new byte[0]);
        byte[] key = labeledExpand(HPKE_SUITE, secret, "key", context, 32);
        byte[] nonce = labeledExpand(HPKE_SUITE, secret, "base_nonce", context, 12);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(aad);
        return cipher.doFinal(ciphertext);
    }

    private static byte[] decapsulate(byte[] privateKey, byte[] publicKey, byte[] enc) throws GeneralSecurityException {
        KeyFactory keys = KeyFactory.getInstance("X25519");
        PrivateKey mine = keys.generatePrivate(new PKCS8EncodedKeySpec(join(PKCS8, privateKey)));
        PublicKey theirs = keys.generatePublic(new X509EncodedKeySpec(join(SPKI, enc)));
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(mine);
        agreement.doPhase(theirs, true);
        byte[] extracted = labeledExtract(KEM_SUITE, new byte[0], "eae_prk", agreement.generateSecret());
        return labeledExpand(KEM_SUITE, extracted, "shared_secret", join(enc, publicKey), 32);
    }

    private static byte[] labeledExtract(byte[] suite, byte[] salt, String label, byte[] keyMaterial)
            throws GeneralSecurityException {
        byte[] labeled = join(ascii("HPKE-v1"), suite, ascii(label), keyMaterial);
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(HKDFParameterSpec.ofExtract()
                        .addIKM(labeled)
                        .addSalt(salt)
                        .extractOnly());
    }

    private static byte[] labeledExpand(byte[] suite, byte[] key, String label, byte[] info, int length)
            throws GeneralSecurityException {
        byte[] labeled = join(
                ByteBuffer.allocate(2).putShort((short) length).array(), ascii("HPKE-v1"), suite, ascii(label), info);
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(HKDFParameterSpec.expandOnly(new SecretKeySpec(key, "HKDF"), labeled, length));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }
}
