package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RaTlsTest {
    private static final TestPlatform PLATFORM = new TestPlatform();
    private static final byte[] NONCE = {1, 2, 3};

    private final EvidenceIssuer issuer = new EvidenceIssuer() {
        @Override
        public byte[] issue(ReportData reportData) {
            return PLATFORM.sgxQuote(reportData);
        }

        @Override
        public String name() {
            return "test";
        }

        @Override
        public boolean simulated() {
            return true;
        }
    };
    private final KeyPair keys = TestPki.keys();
    private final RaTlsCertificate.Validity validity = new RaTlsCertificate.Validity(
            TestPlatform.AT.minus(Duration.ofHours(1)), TestPlatform.AT.plus(Duration.ofHours(1)));
    private final X509Certificate certificate = RaTlsCertificate.issue(issuer, keys, "replica", NONCE, validity);
    private final List<Verdict> verdicts = new ArrayList<>();
    private final RaTlsTrustManager trust = new RaTlsTrustManager(
            new Appraiser(null),
            quote -> PLATFORM.collateral(quote.teeType()),
            PLATFORM.policy(TestPlatform.codeRule(), ""),
            InstantSource.fixed(TestPlatform.AT),
            verdicts::add);

    @Test
    void a_certificate_of_an_attested_peer_is_trusted() throws CertificateException {
        trust.withNonce(NONCE).checkServerTrusted(new X509Certificate[] {certificate}, "ECDHE_ECDSA");

        assertThat(verdicts).singleElement().isInstanceOf(Trusted.class);
    }

    @Test
    void evidence_in_the_certificate_of_another_key_is_rejected() {
        byte[] claims = RaTlsEvidence.claimsFor(TestPki.keys().getPublic().getEncoded(), null);
        EvidenceIssuer stolen = new EvidenceIssuer() {
            @Override
            public byte[] issue(ReportData reportData) {
                return PLATFORM.sgxQuote(ReportData.ofDigest(Digest.of(claims)));
            }

            @Override
            public String name() {
                return "thief";
            }

            @Override
            public boolean simulated() {
                return true;
            }
        };
        X509Certificate forged = RaTlsCertificate.issue(stolen, keys, "replica", null, validity);

        assertThatThrownBy(() -> trust.checkServerTrusted(new X509Certificate[] {forged}, "ECDHE_ECDSA"))
                .hasMessage(Check.RA_TLS_BINDING.code());
    }

    @Test
    void a_missing_or_other_nonce_is_rejected() {
        assertThat(trust.withNonce(new byte[] {9}).appraise(certificate))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.findings().getFirst().code())
                                .isEqualTo(Check.RA_TLS_NONCE.code()));
    }

    @Test
    void an_expired_certificate_is_rejected() {
        RaTlsTrustManager later = new RaTlsTrustManager(
                new Appraiser(null),
                quote -> PLATFORM.collateral(quote.teeType()),
                PLATFORM.policy(TestPlatform.codeRule(), ""),
                InstantSource.fixed(TestPlatform.AT.plus(Duration.ofHours(2))),
                verdicts::add);

        assertThat(later.appraise(certificate)).isInstanceOf(Rejected.class);
    }

    @Test
    void Gramines_older_form_binds_the_key_itself() throws Malformed {
        byte[] spki = keys.getPublic().getEncoded();
        byte[] bound = PLATFORM.sgxQuote(ReportData.ofDigest(Digest.of(spki)));
        byte[] loose = PLATFORM.sgxQuote(ReportData.of(new byte[64]));

        assertThat(RaTlsEvidence.legacy(ByteView.of(bound), spki).bindingFaults())
                .isEmpty();
        assertThat(RaTlsEvidence.legacy(ByteView.of(loose), spki).bindingFaults())
                .isNotEmpty();
    }

    @Test
    void certificates_that_other_projects_made_are_read_and_are_bound() throws CertificateException {
        Optional<Path> folder = Vectors.folder();
        assumeTrue(folder.isPresent(), "left out: no vectors; name their folder by S3ML_VECTORS");
        for (String name : List.of("gramine", "intel-sgxsdk", "rats-tls")) {
            byte[] pem = Vectors.read(folder.get().resolve("ratls-ccc/" + name + "-cert.pem"));
            X509Certificate other = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));

            RaTlsEvidence evidence = RaTlsEvidence.of(other).orElseThrow();

            assertThat(evidence.bindingFaults()).as(name).isEmpty();
            assertThat(evidence.quote())
                    .isEqualTo(Vectors.read(folder.get().resolve("ratls-ccc/" + name + ".tagged.quote.bin")));
        }
    }
}
