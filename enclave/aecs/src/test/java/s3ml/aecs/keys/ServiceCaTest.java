package s3ml.aecs.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ServiceCaTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private final ServiceCa.Issued ca = ServiceCa.createCa("detector", BigInteger.TEN, NOW, false);

    private static X509Certificate read(ByteString der) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(der.newInput());
    }

    private X509Certificate issue(List<String> names, boolean simulated) throws Exception {
        return read(ServiceCa.issue(
                        ca, names, BigInteger.TWO, new ServiceCa.Validity(NOW, NOW.plusSeconds(3600), simulated))
                .certificate());
    }

    private void validate(X509Certificate leaf, Instant at) throws Exception {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(read(ca.certificate()), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(at));
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), parameters);
    }

    @Test
    void a_replicas_certificate_chains_to_the_services_ca_while_its_lease_lasts() throws Exception {
        X509Certificate leaf = issue(List.of("detector.example", "127.0.0.1"), false);

        validate(leaf, NOW.plusSeconds(3599));

        assertThatThrownBy(() -> validate(leaf, NOW.plusSeconds(3600 + 301))).hasMessageContaining("validity");
    }

    @Test
    void it_holds_the_services_names_and_addresses() throws Exception {
        X509Certificate leaf = issue(List.of("detector.example", "127.0.0.1", "::1"), false);

        assertThat(leaf.getSubjectAlternativeNames().stream().map(name -> String.valueOf(name.get(1))))
                .containsExactly("detector.example", "127.0.0.1", "0:0:0:0:0:0:0:1");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    }

    @Test
    void it_says_when_it_rests_on_simulated_evidence() throws Exception {
        assertThat(issue(List.of("a"), true).getSubjectX500Principal().getName())
                .contains("SIMULATED");
        assertThat(issue(List.of("a"), false).getSubjectX500Principal().getName())
                .doesNotContain("SIMULATED");
    }

    @Test
    void the_ca_of_another_service_does_not_vouch_for_it() throws Exception {
        ServiceCa.Issued other = ServiceCa.createCa("other", BigInteger.TEN, NOW, false);
        X509Certificate leaf = read(ServiceCa.issue(
                        other, List.of("a"), BigInteger.TWO, new ServiceCa.Validity(NOW, NOW.plusSeconds(60), false))
                .certificate());

        assertThatThrownBy(() -> validate(leaf, NOW)).isInstanceOf(java.security.cert.CertPathValidatorException.class);
    }
}
