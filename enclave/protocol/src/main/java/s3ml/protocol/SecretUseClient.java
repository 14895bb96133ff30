package s3ml.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.wire.aecs.KeyReleaseGrpc;
import s3ml.wire.aecs.SecretOperation;
import s3ml.wire.aecs.UseSecretClaims;
import s3ml.wire.aecs.UseSecretRequest;
import s3ml.wire.aecs.UseSecretResponse;
import s3ml.wire.aecs.UseSecretResult;

/// Uses secrets that never leave the AECS: signs, decrypts and derives there, under the access key of a lease.
///
/// Codes: `PRO-142` an answer that does not open under the lease's key. Safe for use by several threads.
public final class SecretUseClient {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final AecsChannel channel;
    private final SecureRandom random;

    public SecretUseClient(AecsChannel channel, SecureRandom random) {
        this.channel = channel;
        this.random = random;
    }

    /// Runs one operation with the current version of a secret.
    ///
    /// @param input what is signed, encrypted or decrypted, at most 64 KiB
    /// @param context associated data, or what a derived key is for
    /// @throws S3mlException those of [AecsChannel]; `PRO-142`
    public ByteString use(Lease lease, String secret, SecretOperation operation, ByteString input, ByteString context) {
        byte[] claims = UseSecretClaims.newBuilder()
                .setSecret(secret)
                .setOperation(operation)
                .setInput(input)
                .setContext(context)
                .build()
                .toByteArray();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] asked = Bytes.utf8("s3ml use v1\0" + lease.serial());
        UseSecretRequest request = UseSecretRequest.newBuilder()
                .setLeaseSerial(lease.serial())
                .setService(lease.service())
                .setNonce(ByteString.copyFrom(nonce))
                .setCiphertext(ByteString.copyFrom(crypt(Cipher.ENCRYPT_MODE, lease.accessKey(), nonce, asked, claims)))
                .build();
        UseSecretResponse response = channel.call(
                (calls, aecs) -> KeyReleaseGrpc.newBlockingStub(calls).useSecret(request));
        byte[] answered = Bytes.concat(Bytes.utf8("s3ml used v1\0" + lease.serial() + "\0"), nonce);
        byte[] opened = crypt(
                Cipher.DECRYPT_MODE,
                lease.accessKey(),
                response.getNonce().toByteArray(),
                answered,
                response.getCiphertext().toByteArray());
        try {
            return UseSecretResult.parseFrom(opened).getOutput();
        } catch (InvalidProtocolBufferException e) {
            throw notOpened(e);
        }
    }

    private static byte[] crypt(int mode, SecretBytes key, byte[] nonce, byte[] context, byte[] input) {
        return key.expose(bytes -> {
            try {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", NativeCrypto.provider());
                cipher.init(mode, new SecretKeySpec(bytes, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
                cipher.updateAAD(context);
                return cipher.doFinal(input);
            } catch (GeneralSecurityException e) {
                throw notOpened(e);
            }
        });
    }

    private static S3mlException notOpened(Throwable cause) {
        return new S3mlException(
                "PRO-142",
                "refused the answer of the AECS",
                "it is not sealed under this lease's access key",
                "renew the lease and ask again",
                cause);
    }
}
