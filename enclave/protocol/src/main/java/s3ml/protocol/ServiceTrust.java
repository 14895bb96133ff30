package s3ml.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.log.LogCommitments;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.ModelDescription;
import s3ml.wire.aecs.ServiceDescription;

/// What an attested AECS signed about a service: all that a client needs to talk to any replica.
///
/// Only [AecsVerifier#describe] makes one.
public final class ServiceTrust {
    private final AttestedAecs aecs;
    private final ServiceDescription description;
    private final X509Certificate caCertificate;
    private final Optional<X509Certificate> previousCaCertificate;
    private final List<HpkeKeyConfig> hpkeKeys;
    private final List<ModelTrust> models;

    private ServiceTrust(AttestedAecs aecs, ServiceDescription description) throws CertificateException {
        this.aecs = aecs;
        this.description = description;
        this.caCertificate = certificate(description.getCaCertificate());
        this.previousCaCertificate = description.getPreviousCaCertificate().isEmpty()
                ? Optional.empty()
                : Optional.of(certificate(description.getPreviousCaCertificate()));
        this.hpkeKeys = HpkeKeyConfig.parseAll(description.getHpkeKeyConfig().toByteArray());
        this.models = description.getModelsList().stream().map(ModelTrust::of).toList();
    }

    private static X509Certificate certificate(ByteString der) throws CertificateException {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der.toByteArray()));
    }

    static ServiceTrust read(AttestedAecs aecs, byte[] bytes, String service) {
        try {
            ServiceDescription description = ServiceDescription.parseFrom(bytes);
            if (!description.getService().equals(service)) {
                throw malformed(service, "it describes service \"" + description.getService() + "\"", null);
            }
            ServiceTrust trust = new ServiceTrust(aecs, description);
            byte[] policy = description.getPolicyJson().toByteArray();
            if (!description
                    .getPolicyDigest()
                    .equals(ByteString.copyFrom(Digest.of(policy).bytes()))) {
                throw malformed(service, "its policy digest is not the digest of its policy", null);
            }
            return trust;
        } catch (InvalidProtocolBufferException | CertificateException | IllegalArgumentException e) {
            throw malformed(service, String.valueOf(e.getMessage()), e);
        }
    }

    private static S3mlException malformed(String service, String why, @Nullable Throwable cause) {
        return new S3mlException(
                "PRO-136",
                "refused the description of service \"" + service + "\"",
                why,
                "report it to the admin of the AECS",
                cause);
    }

    /// The AECS that vouches for all this.
    public AttestedAecs aecs() {
        return aecs;
    }

    public String service() {
        return description.getService();
    }

    /// The one certificate authority that signs the replicas' TLS certificates.
    public X509Certificate caCertificate() {
        return caCertificate;
    }

    /// The authority before the last one, while certificates of it may still be in use.
    public Optional<X509Certificate> previousCaCertificate() {
        return previousCaCertificate;
    }

    /// Keys for sealed bodies, the current one first; empty if the service has none.
    public List<HpkeKeyConfig> hpkeKeys() {
        return hpkeKeys;
    }

    public List<ModelTrust> models() {
        return models;
    }

    /// The only model of this name, or the one of this version.
    ///
    /// @param version empty: whichever is registered, if there is one only
    public Optional<ModelTrust> model(String name, String version) {
        List<ModelTrust> found = models.stream()
                .filter(model -> model.name().equals(name))
                .filter(model -> version.isEmpty() || model.version().equals(version))
                .toList();
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    /// The policy under which the service's keys are released, as JSON text.
    public String policyJson() {
        return new String(description.getPolicyJson().toByteArray(), StandardCharsets.UTF_8);
    }

    /// SHA-256 over exactly that text.
    public Digest policyDigest() {
        return Digest.ofBytes(description.getPolicyDigest().toByteArray());
    }

    /// How this policy stands in the entries of the transparency log.
    public ByteString logPolicyCommitment() {
        return LogCommitments.policy(description.getLogPolicySalt(), policyDigest());
    }

    public long policyEpoch() {
        return description.getPolicyEpoch();
    }

    public Instant issuedAt() {
        return Instant.ofEpochMilli(description.getIssuedAtUnixMillis());
    }

    /// The newest head of the transparency log; empty if the AECS gave none.
    public Optional<LogHead> logHead() {
        return description.hasLogHead() ? Optional.of(description.getLogHead()) : Optional.empty();
    }

    /// DNS names and IP addresses in the replicas' certificates.
    public List<String> names() {
        return description.getNamesList();
    }

    /// Names this service in the transparency log, where its name does not stand.
    public ByteString logPseudonym() {
        return description.getLogPseudonym();
    }

    /// True when simulated evidence can get this service's keys, or the AECS is simulated: nothing is protected then.
    public boolean simulated() {
        return description.getSimulated() || aecs.simulated();
    }

    /// A model as the AECS knows it.
    ///
    /// @param manifestDigest SHA-256 of the package's manifest
    /// @param modelDigest SHA-256 of the plaintext model file
    public record ModelTrust(String name, String version, Digest manifestDigest, Digest modelDigest) {
        static ModelTrust of(ModelDescription model) {
            return new ModelTrust(
                    model.getName(),
                    model.getVersion(),
                    Digest.ofBytes(model.getManifestDigest().toByteArray()),
                    Digest.ofBytes(model.getModelDigest().toByteArray()));
        }
    }
}
