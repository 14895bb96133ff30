package s3ml.aecs.release;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import s3ml.aecs.Aecs;
import s3ml.aecs.Refusals;
import s3ml.aecs.keys.SecretOperations;
import s3ml.aecs.registry.Names;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.registry.Versioned;
import s3ml.attest.Trusted;
import s3ml.protocol.NativeCrypto;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.UseSecretClaims;
import s3ml.wire.aecs.UseSecretRequest;
import s3ml.wire.aecs.UseSecretResponse;
import s3ml.wire.aecs.UseSecretResult;
import s3ml.wire.aecs.state.LeaseRecord;
import s3ml.wire.aecs.state.SecretRecord;
import s3ml.wire.aecs.state.SecretVersion;

/// Uses secrets that never leave the AECS for holders of a lease. Request and answer are sealed under the lease's
/// access key, so a replayed request gives an answer that only the holder can read. Thread-safe.
public final class SecretUse {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    /// Larger data is encrypted under a derived key by the enclave itself.
    private static final int MAX_INPUT_BYTES = 64 * 1024;

    private final Aecs aecs;
    private final SecretOperations operations;

    public SecretUse(Aecs aecs) {
        this.aecs = aecs;
        this.operations = new SecretOperations(aecs.random());
    }

    /// Runs one operation.
    ///
    /// @throws s3ml.attest.S3mlException `AECS-210` for whatever is not allowed or not possible
    public UseSecretResponse use(UseSecretRequest request) {
        String service = request.getService();
        String serial = request.getLeaseSerial();
        if (!Names.isLabel(service) || !Leases.isSerial(serial)) {
            throw Refusals.denied("?", "service or lease are malformed");
        }
        if (request.getNonce().size() != NONCE_BYTES || request.getCiphertext().size() > 2 * MAX_INPUT_BYTES) {
            throw Refusals.malformed("nonce or ciphertext have a wrong length");
        }
        LeaseRecord lease = lease(service, serial);
        ByteString key = AccessKeys.of(aecs.root(), service, serial);
        UseSecretClaims claims = opened(key, request);
        UseSecretResult result = run(service, lease, claims);
        return sealed(key, request, result);
    }

    private LeaseRecord lease(String service, String serial) {
        return aecs.state()
                .read(view -> Registry.lease(view, service, serial))
                .filter(lease -> lease.getExpiresAtUnixMillis() >= aecs.now() && !lease.getEnded())
                .orElseThrow(() -> Refusals.denied(service, "the lease is not valid"));
    }

    private UseSecretResult run(String service, LeaseRecord lease, UseSecretClaims claims) {
        SecretRecord secret = aecs.state()
                .read(view -> Registry.secret(view, service, claims.getSecret()))
                .map(Versioned::value)
                .filter(found -> allowed(found, lease))
                .orElseThrow(() -> Refusals.denied(service, "there is no such secret for this lease"));
        SecretVersion version = version(secret, claims.getVersion())
                .orElseThrow(() -> Refusals.denied(service, "there is no such version of the secret"));
        if (claims.getInput().size() > MAX_INPUT_BYTES) {
            throw Refusals.denied(service, "the input is longer than " + MAX_INPUT_BYTES + " bytes");
        }
        ByteString output = operations
                .run(
                        SecretKind.forNumber(secret.getKind()),
                        version.getMaterial(),
                        claims.getOperation(),
                        claims.getInput(),
                        claims.getContext())
                .orElseThrow(() -> Refusals.denied(service, "the operation is not possible"));
        aecs.audit()
                .event("info", "secret-used")
                .with("service", service)
                .with("lease", lease.getSerial())
                .with("secret", secret.getName())
                .with("operation", claims.getOperation().name())
                .write();
        return UseSecretResult.newBuilder()
                .setOutput(output)
                .setVersion(version.getNumber())
                .build();
    }

    /// A secret's own policy is applied to the evidence of the lease.
    private boolean allowed(SecretRecord secret, LeaseRecord lease) {
        if (!secret.getUseInside()) {
            return false;
        }
        return secret.getPolicyJson().isEmpty()
                || (!lease.getEvidence().isEmpty()
                        && aecs.appraisal().appraise(lease.getEvidence().toByteArray(), secret.getPolicyJson())
                                instanceof Trusted);
    }

    private Optional<SecretVersion> version(SecretRecord secret, int number) {
        if (number == 0) {
            return Optional.of(secret.getVersionsList().getLast());
        }
        return secret.getVersionsList().stream()
                .filter(version -> version.getNumber() == number)
                .filter(version ->
                        version.getRefusedFromUnixMillis() == 0 || version.getRefusedFromUnixMillis() > aecs.now())
                .findFirst();
    }

    private static UseSecretClaims opened(ByteString key, UseSecretRequest request) {
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, request.getNonce().toByteArray());
            cipher.updateAAD(bytes("s3ml use v1\0" + request.getLeaseSerial()));
            return UseSecretClaims.parseFrom(
                    cipher.doFinal(request.getCiphertext().toByteArray()));
        } catch (GeneralSecurityException | InvalidProtocolBufferException e) {
            throw Refusals.denied(request.getService(), "the request does not open under the lease's key");
        }
    }

    private UseSecretResponse sealed(ByteString key, UseSecretRequest request, UseSecretResult result) {
        byte[] nonce = new byte[NONCE_BYTES];
        aecs.random().nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce);
            cipher.updateAAD(bytes("s3ml used v1\0" + request.getLeaseSerial() + "\0"));
            cipher.updateAAD(request.getNonce().toByteArray());
            return UseSecretResponse.newBuilder()
                    .setNonce(ByteString.copyFrom(nonce))
                    .setCiphertext(ByteString.copyFrom(cipher.doFinal(result.toByteArray())))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM failed to encrypt", e);
        }
    }

    private static Cipher cipher(int mode, ByteString key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", NativeCrypto.provider());
        cipher.init(mode, new SecretKeySpec(key.toByteArray(), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
