package s3ml.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.wire.aecs.LogReceipt;

/// The keys and the configuration that the AECS released to this enclave, for a limited time.
///
/// Closing a lease zeroes its secrets; whoever needs one for longer copies it. Codes: `PRO-141` a lease of wrong form.
public final class Lease implements AutoCloseable {
    private final s3ml.wire.aecs.Lease message;
    private final TlsIdentity tls;
    private final List<TicketKey> ticketKeys;
    private final List<HpkeServiceKey> hpkeKeys;
    private final List<ModelKey> models;
    private final List<LeasedSecret> secrets;
    private final SecretBytes accessKey;

    private Lease(s3ml.wire.aecs.Lease message) throws CertificateException {
        this.tls = TlsIdentity.of(message.getTls());
        this.ticketKeys =
                message.getTicketKeysList().stream().map(TicketKey::of).toList();
        this.hpkeKeys =
                message.getHpkeKeysList().stream().map(HpkeServiceKey::of).toList();
        this.models = message.getModelsList().stream().map(ModelKey::of).toList();
        this.secrets = message.getSecretsList().stream().map(LeasedSecret::of).toList();
        this.accessKey = SecretBytes.takeOver(message.getAccessKey().toByteArray());
        // What stays is the part without secrets.
        this.message = message.toBuilder()
                .clearTls()
                .clearTicketKeys()
                .clearHpkeKeys()
                .clearModels()
                .clearSecrets()
                .clearAccessKey()
                .build();
    }

    /// Reads a serialized lease.
    ///
    /// @throws S3mlException `PRO-141`
    static Lease read(byte[] bytes, String service) {
        try {
            s3ml.wire.aecs.Lease message = s3ml.wire.aecs.Lease.parseFrom(bytes);
            if (!message.getService().equals(service)) {
                throw malformed(service, "it is for service \"" + message.getService() + "\"", null);
            }
            Lease lease = new Lease(message);
            if (!lease.renewAt().isBefore(lease.expiresAt()) || lease.issuedAt().isAfter(lease.renewAt())) {
                throw malformed(service, "its times are not in order: issued, renew, expires", null);
            }
            return lease;
        } catch (InvalidProtocolBufferException | CertificateException | IllegalArgumentException e) {
            throw malformed(service, String.valueOf(e.getMessage()), e);
        }
    }

    private static S3mlException malformed(String service, String why, @Nullable Throwable cause) {
        return new S3mlException(
                "PRO-141",
                "refused lease for service \"" + service + "\"",
                why,
                "use an AECS and a server of the same release",
                cause);
    }

    /// Names this lease; given back when it is renewed.
    public String serial() {
        return message.getSerial();
    }

    public String service() {
        return message.getService();
    }

    public Instant issuedAt() {
        return Instant.ofEpochMilli(message.getIssuedAtUnixMillis());
    }

    public Instant renewAt() {
        return Instant.ofEpochMilli(message.getRenewAtUnixMillis());
    }

    /// From then on the keys must not be used.
    public Instant expiresAt() {
        return Instant.ofEpochMilli(message.getExpiresAtUnixMillis());
    }

    public long policyEpoch() {
        return message.getPolicyEpoch();
    }

    /// The service's TLS key and its chain.
    public TlsIdentity tls() {
        return tls;
    }

    /// The first encrypts new tickets, all decrypt.
    public List<TicketKey> ticketKeys() {
        return ticketKeys;
    }

    /// Keys that open sealed request bodies.
    public List<HpkeServiceKey> hpkeKeys() {
        return hpkeKeys;
    }

    public List<ModelKey> models() {
        return models;
    }

    /// The key of one model.
    public Optional<ModelKey> model(String name, String version) {
        return models.stream()
                .filter(model -> model.name().equals(name) && model.version().equals(version))
                .findFirst();
    }

    /// Further secrets of the service that this enclave may have.
    public List<LeasedSecret> secrets() {
        return secrets;
    }

    /// Proof that the AECS wrote this release into its transparency log.
    public LogReceipt receipt() {
        return message.getReceipt();
    }

    /// Hides and authenticates uses of secrets inside the AECS.
    SecretBytes accessKey() {
        return accessKey;
    }

    /// Attested configuration of the service.
    public Map<String, String> configuration() {
        return message.getConfigurationMap();
    }

    /// True when the AECS released it on simulated evidence, or is simulated itself.
    public boolean simulated() {
        return message.getSimulated();
    }

    @Override
    public void close() {
        ticketKeys.forEach(TicketKey::close);
        hpkeKeys.forEach(HpkeServiceKey::close);
        models.forEach(ModelKey::close);
        secrets.forEach(LeasedSecret::close);
        accessKey.close();
    }

    private static SecretBytes secret(ByteString bytes, int length, String name) {
        if (bytes.size() != length) {
            throw new IllegalArgumentException(name + " has " + bytes.size() + " bytes, not " + length);
        }
        return SecretBytes.takeOver(bytes.toByteArray());
    }

    /// What the replica shows and proves in TLS.
    ///
    /// @param privateKey ECDSA P-256
    /// @param chain leaf first, the service's CA last; at least two
    public record TlsIdentity(PrivateKey privateKey, List<X509Certificate> chain) {
        public TlsIdentity {
            chain = List.copyOf(chain);
            if (chain.size() < 2) {
                throw new IllegalArgumentException("chain needs a leaf and a CA");
            }
        }

        static TlsIdentity of(s3ml.wire.aecs.TlsKey key) throws CertificateException {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> chain = new ArrayList<>();
            for (ByteString certificate : key.getCertificateChainList()) {
                chain.add((X509Certificate)
                        factory.generateCertificate(new ByteArrayInputStream(certificate.toByteArray())));
            }
            return new TlsIdentity(Signatures.privateKey(key.getPrivateKey().toByteArray()), chain);
        }
    }

    /// A session ticket key of BoringSSL.
    ///
    /// @param name 16 bytes, public
    /// @param hmacKey 16 bytes
    /// @param aesKey 16 bytes
    public record TicketKey(ByteString name, SecretBytes hmacKey, SecretBytes aesKey) implements AutoCloseable {
        private static final int PART_BYTES = 16;

        static TicketKey of(s3ml.wire.aecs.TicketKey key) {
            if (key.getName().size() != PART_BYTES) {
                throw new IllegalArgumentException("a ticket key's name has 16 bytes");
            }
            return new TicketKey(
                    key.getName(),
                    secret(key.getHmacKey(), PART_BYTES, "hmac_key"),
                    secret(key.getAesKey(), PART_BYTES, "aes_key"));
        }

        @Override
        public void close() {
            hmacKey.close();
            aesKey.close();
        }
    }

    /// A key pair for sealed bodies.
    ///
    /// @param privateKey X25519, 32 bytes
    public record HpkeServiceKey(HpkeKeyConfig config, SecretBytes privateKey) implements AutoCloseable {
        static HpkeServiceKey of(s3ml.wire.aecs.HpkeKey key) {
            List<HpkeKeyConfig> configs =
                    HpkeKeyConfig.parseAll(key.getKeyConfig().toByteArray());
            if (configs.size() != 1 || configs.getFirst().keyId() != key.getKeyId()) {
                throw new IllegalArgumentException("key_config is not the one of key_id " + key.getKeyId());
            }
            return new HpkeServiceKey(configs.getFirst(), secret(key.getPrivateKey(), Hpke.KEY_BYTES, "private_key"));
        }

        @Override
        public void close() {
            privateKey.close();
        }
    }

    /// What opens one model package.
    ///
    /// @param packageKey 32 bytes
    public record ModelKey(
            String name, String version, SecretBytes packageKey, Digest manifestDigest, Digest modelDigest)
            implements AutoCloseable {
        static ModelKey of(s3ml.wire.aecs.ModelKey key) {
            return new ModelKey(
                    key.getName(),
                    key.getVersion(),
                    secret(key.getKey(), PackageLayout.KEY_BYTES, "key"),
                    Digest.ofBytes(key.getManifestDigest().toByteArray()),
                    Digest.ofBytes(key.getModelDigest().toByteArray()));
        }

        @Override
        public void close() {
            packageKey.close();
        }
    }
}
