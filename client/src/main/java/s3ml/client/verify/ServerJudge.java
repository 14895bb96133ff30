package s3ml.client.verify;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import s3ml.attest.Digest;
import s3ml.attest.Finding;
import s3ml.protocol.ServiceTrust;

/// Judges the server itself: whose certificate it holds, and whether policy and model are the expected ones.
final class ServerJudge {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private ServerJudge() {}

    static PartVerdict judge(ServerDossier dossier, Optional<ServiceTrust> trust, Instant at) {
        PartVerdict.Builder verdict = new PartVerdict.Builder();
        dossier.gaps().stream().filter(gap -> gap.part() == Part.SERVER).forEach(gap -> verdict.untold(gap.finding()));
        expectedService(dossier, verdict);
        if (trust.isEmpty()) {
            return verdict.untold(new Finding("CLI-214", "server", "a trusted AECS that vouches for it", "none"))
                    .build();
        }
        ServiceTrust known = trust.get();
        ServerStatement server = dossier.server();
        verdict.fact(
                "In the handshake with " + server.url() + " it proved to hold the private key of its certificate.");
        certificate(server, known, at, verdict);
        policy(dossier, known, verdict);
        model(dossier, known, verdict);
        return verdict.build();
    }

    private static void expectedService(ServerDossier dossier, PartVerdict.Builder verdict) {
        Optional<String> expected = dossier.expectations().service();
        Optional<String> said = dossier.server().shown().map(ServerStatement.Shown::service);
        if (expected.isPresent() && said.isPresent()) {
            verdict.check(
                    expected.equals(said),
                    "It serves \"" + said.get() + "\", as expected.",
                    new Finding("CLI-204", "service", expected.get(), said.get()));
        }
    }

    private static void certificate(
            ServerStatement server, ServiceTrust trust, Instant at, PartVerdict.Builder verdict) {
        Set<TrustAnchor> anchors = new HashSet<>();
        anchors.add(new TrustAnchor(trust.caCertificate(), null));
        trust.previousCaCertificate().ifPresent(old -> anchors.add(new TrustAnchor(old, null)));
        List<X509Certificate> path = server.chain().stream()
                .filter(certificate ->
                        anchors.stream().noneMatch(anchor -> certificate.equals(anchor.getTrustedCert())))
                .toList();
        String authority = trust.caCertificate().getSubjectX500Principal().toString();
        try {
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setDate(Date.from(at));
            // The authority publishes no revocation list: certificates live as long as a lease.
            parameters.setRevocationEnabled(false);
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
            verdict.fact("That certificate was issued by the service's own authority, \"" + authority
                    + "\", whose key never leaves the AECS, and is valid until "
                    + server.leaf().getNotAfter().toInstant() + ".");
        } catch (CertPathValidatorException e) {
            boolean time = e.getReason() == BasicReason.EXPIRED || e.getReason() == BasicReason.NOT_YET_VALID;
            verdict.against(
                    time
                            ? new Finding("CLI-202", "certificate", "valid at " + at, String.valueOf(e.getMessage()))
                            : new Finding(
                                    "CLI-201",
                                    "certificate",
                                    "issued by " + authority,
                                    "issued by " + server.leaf().getIssuerX500Principal() + ": " + e.getMessage()));
        } catch (CertificateException | InvalidAlgorithmParameterException e) {
            verdict.against(new Finding("CLI-201", "certificate", "issued by " + authority, String.valueOf(e)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no PKIX", e);
        }
        names(server.leaf(), trust, verdict);
    }

    /// The names that the AECS signed count, not the address that was dialled: a replica is the same behind any
    /// balancer.
    private static void names(X509Certificate leaf, ServiceTrust trust, PartVerdict.Builder verdict) {
        List<String> names = alternatives(leaf);
        verdict.check(
                names.stream().anyMatch(trust.names()::contains),
                "It is for " + String.join(", ", names) + ", which the AECS gave to this service.",
                new Finding(
                        "CLI-203", "certificate.names", String.join(", ", trust.names()), String.join(", ", names)));
    }

    private static List<String> alternatives(X509Certificate leaf) {
        try {
            Collection<List<?>> all = leaf.getSubjectAlternativeNames();
            return all == null
                    ? List.of()
                    : all.stream()
                            .filter(name ->
                                    Objects.equals(name.get(0), DNS_NAME) || Objects.equals(name.get(0), IP_ADDRESS))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static void policy(ServerDossier dossier, ServiceTrust trust, PartVerdict.Builder verdict) {
        dossier.expectations()
                .servicePolicy()
                .ifPresentOrElse(
                        policy -> verdict.check(
                                policy.digest().equals(trust.policyDigest()),
                                "Its keys go only to code that the expected policy "
                                        + policy.digest().hex() + " accepts.",
                                new Finding(
                                        "CLI-205",
                                        "policy",
                                        policy.digest().hex(),
                                        trust.policyDigest().hex())),
                        () -> verdict.fact("Its keys go only to code that the policy "
                                + trust.policyDigest().hex() + " accepts. Which code that is was not checked here."));
    }

    private static void model(ServerDossier dossier, ServiceTrust trust, PartVerdict.Builder verdict) {
        Optional<Expectations.ExpectedModel> expected = dossier.expectations().model();
        if (expected.isEmpty()) {
            verdict.fact("Which model it serves was not checked. The AECS knows " + models(trust) + ".");
            return;
        }
        Expectations.ExpectedModel model = expected.get();
        boolean known = trust.models().stream()
                .anyMatch(candidate -> digest(candidate, model).equals(model.digest()));
        verdict.check(
                known,
                "The AECS holds the key of the expected model " + model.name() + ", "
                        + model.digest().hex() + ", for this service.",
                new Finding(
                        "CLI-206", "model", model.name() + ", " + model.digest().hex(), models(trust)));
    }

    private static Digest digest(ServiceTrust.ModelTrust candidate, Expectations.ExpectedModel model) {
        return model.packaged() ? candidate.manifestDigest() : candidate.modelDigest();
    }

    private static String models(ServiceTrust trust) {
        return trust.models().isEmpty()
                ? "no model"
                : trust.models().stream()
                        .map(model -> model.name() + " " + model.version() + ", "
                                + model.modelDigest().hex())
                        .reduce((one, other) -> one + "; " + other)
                        .orElse("");
    }
}
