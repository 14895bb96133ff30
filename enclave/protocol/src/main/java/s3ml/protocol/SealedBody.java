package s3ml.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;

/// HTTP bodies sealed between a client and an enclave, for the way through proxies that end TLS.
///
/// The encapsulation is that of Oblivious HTTP (RFC 9458 sections 4.3 and 4.4, with its key configuration), except that
/// the labels are ours and that method, path and model are bound in: a proxy cannot turn a request for one model into
/// one for another. All integers are big-endian; texts are UTF-8, each behind its length in 2 bytes.
///
/// The **request body**, of media type [#MEDIA_TYPE]:
///
/// | bytes | content |
/// | --- | --- |
/// | 7 | header: key identifier (1), KEM 0x0020 (2), KDF 0x0001 (2), AEAD 0x0002 (2) |
/// | 32 | encapsulated key |
/// | rest | HPKE (RFC 9180, base mode) with info = `s3ml sealed request v1` 0x00 header method path model, no
/// associated data |
///
/// Its plaintext: when it was sent, in Unix milliseconds (8); the length of the JSON header of the binary tensor
/// extension, or -1 if the body is JSON altogether (4); the length of the caller's `Authorization` value, 0 without one
/// (2), and that value, which so stays hidden from proxies; the body.
///
/// A request with an empty body stands for a `GET` of the path, which could not carry a sealed body.
///
/// The **response body**, of the same media type: 32 random bytes N, then AES-256-GCM with the status code (2 bytes) as
/// associated data. Key and nonce: secret = HPKE export of 32 bytes with the context `s3ml sealed response v1`;
/// HKDF-SHA256 with the salt encapsulated key || N gives 32 bytes for the info `key` and 12 for `nonce`. Its plaintext:
/// the length of the JSON header, or -1 (4); the body.
///
/// **Replay.** A proxy can send a sealed request again. Each carries its time of sending, and [ReplayWindow] refuses
/// one that is too old or whose encapsulated key it has seen; so a request runs at most once on each replica. The
/// answer is sealed to the client in any case: a replay tells the proxy nothing but costs an inference.
///
/// A proxy still sees who asks when, for which model, and how long requests and answers are.
///
/// Codes: `PRO-150` a body that is no sealed body or does not open, `PRO-151` one for a key that is not held.
public final class SealedBody {
    /// The media type of sealed requests and responses.
    public static final String MEDIA_TYPE = "application/vnd.s3ml.sealed";

    /// The header length of a body that is JSON altogether.
    public static final int JSON_ONLY = -1;

    private static final byte[] REQUEST_LABEL = Bytes.utf8("s3ml sealed request v1\0");
    private static final byte[] RESPONSE_LABEL = Bytes.utf8("s3ml sealed response v1");
    private static final byte[] NOTHING = {};
    private static final int HEADER_BYTES = 7;
    private static final int RESPONSE_NONCE_BYTES = 32;
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int REQUEST_PREFIX_BYTES = Long.BYTES + Integer.BYTES + Short.BYTES;

    /// As much as a server takes in a header.
    private static final int MAX_AUTHORIZATION_BYTES = 4096;

    private SealedBody() {}

    /// What a request is for, as both sides see it outside the body.
    ///
    /// @param method for example `POST`
    /// @param path as in the request line, without scheme, host and query
    /// @param model model name
    public record Target(String method, String path, String model) {
        private static final int MAX_BYTES = 4096;

        byte[] encode() {
            byte[][] parts = {Bytes.utf8(method), Bytes.utf8(path), Bytes.utf8(model)};
            ByteBuffer encoded = ByteBuffer.allocate(3 * (Short.BYTES + MAX_BYTES));
            for (byte[] part : parts) {
                if (part.length > MAX_BYTES) {
                    throw new IllegalArgumentException("method, path and model have at most 4096 bytes each");
                }
                encoded.putShort((short) part.length).put(part);
            }
            return Arrays.copyOf(encoded.array(), encoded.position());
        }
    }

    /// A body in the clear.
    ///
    /// @param headerBytes length of the JSON header before the tensors, or [#JSON_ONLY]
    public record Content(int headerBytes, ByteString body) {
        public Content {
            if (headerBytes < JSON_ONLY || headerBytes > body.size()) {
                throw new IllegalArgumentException("headerBytes " + headerBytes + " is not within the body");
            }
        }
    }

    /// Seals a request to a service, by a caller who shows nothing.
    ///
    /// @param sentAt now, by the client's clock
    public static SealedRequest seal(HpkeKeyConfig key, Target target, Content content, Instant sentAt) {
        return seal(key, target, content, "", sentAt);
    }

    /// Seals a request to a service.
    ///
    /// @param authorization as in the header of this name, at most 4096 bytes; empty for none
    /// @param sentAt now, by the client's clock
    public static SealedRequest seal(
            HpkeKeyConfig key, Target target, Content content, String authorization, Instant sentAt) {
        byte[] shown = Bytes.utf8(authorization);
        if (shown.length > MAX_AUTHORIZATION_BYTES) {
            throw new IllegalArgumentException("authorization has " + shown.length + " bytes, at most 4096 are taken");
        }
        byte[] header = header(key.keyId());
        Hpke.Sender sender = Hpke.sender(key.publicKey(), info(header, target));
        byte[] plaintext = ByteBuffer.allocate(
                        REQUEST_PREFIX_BYTES + shown.length + content.body().size())
                .putLong(sentAt.toEpochMilli())
                .putInt(content.headerBytes())
                .putShort((short) shown.length)
                .put(shown)
                .put(content.body().asReadOnlyByteBuffer())
                .array();
        ByteString enc = sender.encapsulatedKey();
        ByteString sealed = UnsafeByteOperations.unsafeWrap(header)
                .concat(enc)
                .concat(UnsafeByteOperations.unsafeWrap(sender.seal(NOTHING, plaintext)));
        return new SealedRequest(sealed, enc, sender.export(RESPONSE_LABEL, KEY_BYTES));
    }

    /// Opens a request inside the enclave.
    ///
    /// @param keys of the current lease
    /// @param target as the request line says
    /// @throws S3mlException `PRO-150`, `PRO-151`
    public static OpenedRequest open(List<Lease.HpkeServiceKey> keys, Target target, ByteString sealed) {
        return open(keys, target, sealed.newInput(), sealed.size());
    }

    /// As the other, from memory that need not be in the heap: there its ciphertext is copied to, and the plaintext
    /// lies beside it.
    ///
    /// @param sealed of which `length` bytes are read; it must have as many
    public static OpenedRequest open(List<Lease.HpkeServiceKey> keys, Target target, InputStream sealed, int length) {
        if (length < HEADER_BYTES + Hpke.KEY_BYTES + Hpke.TAG_BYTES + REQUEST_PREFIX_BYTES) {
            throw notOpened("it has only " + length + " bytes", null);
        }
        byte[] header;
        ByteString enc;
        byte[] ciphertext;
        try {
            header = sealed.readNBytes(HEADER_BYTES);
            enc = UnsafeByteOperations.unsafeWrap(sealed.readNBytes(Hpke.KEY_BYTES));
            ciphertext = new byte[length - HEADER_BYTES - Hpke.KEY_BYTES];
            sealed.readNBytes(ciphertext, 0, ciphertext.length);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        int keyId = Byte.toUnsignedInt(header[0]);
        if (!Arrays.equals(header, header(keyId))) {
            throw notOpened("its header is not of X25519, HKDF-SHA256, AES-256-GCM", null);
        }
        Lease.HpkeServiceKey key = keys.stream()
                .filter(held -> held.config().keyId() == keyId)
                .findFirst()
                .orElseThrow(() -> new S3mlException(
                        "PRO-151",
                        "refused sealed request",
                        "it is sealed to key " + keyId + ", which this service does not hold any more",
                        "fetch the service description again"));
        try {
            Hpke.Recipient recipient = Hpke.recipient(key.privateKey(), enc, info(header, target));
            byte[] plaintext = recipient.open(NOTHING, ciphertext);
            ByteBuffer in = ByteBuffer.wrap(plaintext);
            Instant sentAt = Instant.ofEpochMilli(in.getLong());
            int headerBytes = in.getInt();
            String authorization = text(in);
            Content content = new Content(headerBytes, UnsafeByteOperations.unsafeWrap(in.slice()));
            return new OpenedRequest(
                    content, new Sender(authorization, sentAt), enc, recipient.export(RESPONSE_LABEL, KEY_BYTES));
        } catch (S3mlException | IllegalArgumentException e) {
            throw notOpened("it does not open for this method, path and model", e);
        }
    }

    private static String text(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > MAX_AUTHORIZATION_BYTES || length > in.remaining()) {
            throw new IllegalArgumentException("an authorization of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// Who sent a request, by what it holds itself.
    ///
    /// @param authorization empty for none
    private record Sender(String authorization, Instant sentAt) {}

    private static byte[] header(int keyId) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .put((byte) keyId)
                .putShort(HpkeKeyConfig.KEM)
                .putShort(HpkeKeyConfig.KDF)
                .putShort(HpkeKeyConfig.AEAD)
                .array();
    }

    private static byte[] info(byte[] header, Target target) {
        return Bytes.concat(REQUEST_LABEL, header, target.encode());
    }

    private static byte[] response(
            int mode, SecretBytes secret, ByteString enc, byte[] nonce, int status, byte[] message)
            throws GeneralSecurityException {
        byte[] salt = enc.concat(UnsafeByteOperations.unsafeWrap(nonce)).toByteArray();
        try (SecretBytes key = Hkdf.derive(secret, salt, "key", KEY_BYTES);
                SecretBytes iv = Hkdf.derive(secret, salt, "nonce", NONCE_BYTES)) {
            Cipher cipher = Cipher.getInstance(PackageLayout.CIPHER, NativeCrypto.provider());
            SecretKeySpec keySpec = key.expose(bytes -> new SecretKeySpec(bytes, "AES"));
            GCMParameterSpec parameters = iv.expose(bytes -> new GCMParameterSpec(TAG_BITS, bytes));
            cipher.init(mode, keySpec, parameters);
            cipher.updateAAD(
                    ByteBuffer.allocate(Short.BYTES).putShort((short) status).array());
            return cipher.doFinal(message);
        }
    }

    private static S3mlException notOpened(String why, @Nullable Throwable cause) {
        return new S3mlException(
                "PRO-150",
                "sealed body does not open",
                why,
                "seal it to the key, method, path and model of this request",
                cause);
    }

    /// A sealed request on the client's side; opens its response. Closing it zeroes the response's secret.
    public static final class SealedRequest implements AutoCloseable {
        private final ByteString bytes;
        private final ByteString enc;
        private final SecretBytes secret;

        private SealedRequest(ByteString bytes, ByteString enc, SecretBytes secret) {
            this.bytes = bytes;
            this.enc = enc;
            this.secret = secret;
        }

        /// The request body.
        public ByteString bytes() {
            return bytes;
        }

        /// Opens the response body.
        ///
        /// @param status the response's status code, which is bound in
        /// @throws S3mlException `PRO-150`
        public Content open(int status, ByteString sealed) {
            if (sealed.size() < RESPONSE_NONCE_BYTES + Hpke.TAG_BYTES + Integer.BYTES) {
                throw notOpened("the response has only " + sealed.size() + " bytes", null);
            }
            byte[] nonce = sealed.substring(0, RESPONSE_NONCE_BYTES).toByteArray();
            byte[] message = sealed.substring(RESPONSE_NONCE_BYTES).toByteArray();
            try {
                ByteBuffer in = ByteBuffer.wrap(response(Cipher.DECRYPT_MODE, secret, enc, nonce, status, message));
                return new Content(in.getInt(), UnsafeByteOperations.unsafeWrap(in.slice()));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                throw notOpened("the response is not the enclave's answer to this request", e);
            }
        }

        @Override
        public void close() {
            secret.close();
        }
    }

    /// A request in the clear inside the enclave; seals its response. Closing it zeroes the response's secret.
    public static final class OpenedRequest implements AutoCloseable {
        private final Content content;
        private final Sender sender;
        private final ByteString enc;
        private final SecretBytes secret;

        private OpenedRequest(Content content, Sender sender, ByteString enc, SecretBytes secret) {
            this.content = content;
            this.sender = sender;
            this.enc = enc;
            this.secret = secret;
        }

        public Content content() {
            return content;
        }

        /// By the client's clock.
        public Instant sentAt() {
            return sender.sentAt();
        }

        /// What the caller shows of themselves, as in the header `Authorization`; empty for nothing.
        public String authorization() {
            return sender.authorization();
        }

        /// 32 bytes that no two requests share; for [ReplayWindow].
        public ByteString encapsulatedKey() {
            return enc;
        }

        /// Seals the response.
        ///
        /// @param status its status code, which is bound in
        /// @param random source of the response's nonce
        public ByteString seal(int status, Content answer, SecureRandom random) {
            byte[] nonce = new byte[RESPONSE_NONCE_BYTES];
            random.nextBytes(nonce);
            byte[] plaintext = ByteBuffer.allocate(Integer.BYTES + answer.body().size())
                    .putInt(answer.headerBytes())
                    .put(answer.body().asReadOnlyByteBuffer())
                    .array();
            try {
                byte[] sealed = response(Cipher.ENCRYPT_MODE, secret, enc, nonce, status, plaintext);
                return UnsafeByteOperations.unsafeWrap(nonce).concat(UnsafeByteOperations.unsafeWrap(sealed));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES-GCM refused to seal a response", e);
            }
        }

        @Override
        public void close() {
            secret.close();
        }
    }
}
