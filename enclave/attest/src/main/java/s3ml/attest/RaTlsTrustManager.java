package s3ml.attest;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Trusts a TLS peer when its certificate carries evidence that is bound to the certificate's key and that a policy
/// accepts. No certificate authority and no host name plays a part: the policy says which code may answer.
///
/// For any TLS stack that takes a JDK trust manager: `SSLContext.init`, Netty's `SslContextBuilder.trustManager`, gRPC.
/// Thread-safe. Blocks the handshake while collateral is fetched. A rejection ends it with [PeerRejected]. A session
/// that TLS resumes is not judged again: its lifetime must be one in which a verdict may be trusted.
public final class RaTlsTrustManager extends ChainTrustManager {
    private final Appraiser appraiser;
    private final CollateralSource collateral;
    private final Policy policy;
    private final InstantSource clock;
    private final Consumer<Verdict> listener;
    private final byte @Nullable [] nonce;

    /// Makes a trust manager that demands no nonce.
    ///
    /// @param listener is told every verdict, for example to log what the peer proved; must not block
    public RaTlsTrustManager(
            Appraiser appraiser,
            CollateralSource collateral,
            Policy policy,
            InstantSource clock,
            Consumer<Verdict> listener) {
        this(new Parts(appraiser, collateral, policy, clock, listener), null);
    }

    private RaTlsTrustManager(Parts parts, byte @Nullable [] nonce) {
        this.appraiser = parts.appraiser;
        this.collateral = parts.collateral;
        this.policy = parts.policy;
        this.clock = parts.clock;
        this.listener = parts.listener;
        this.nonce = nonce;
    }

    private record Parts(
            Appraiser appraiser,
            CollateralSource collateral,
            Policy policy,
            InstantSource clock,
            Consumer<Verdict> listener) {}

    /// The same trust manager for one connection: the evidence must hold this nonce.
    public RaTlsTrustManager withNonce(byte[] expected) {
        return new RaTlsTrustManager(new Parts(appraiser, collateral, policy, clock, listener), expected.clone());
    }

    /// Judges a certificate as a handshake would.
    public Verdict appraise(X509Certificate certificate) {
        Optional<RaTlsEvidence> evidence = RaTlsEvidence.of(certificate);
        if (evidence.isEmpty()) {
            return new Rejected(List.of(new Finding(
                    Check.RA_TLS_BINDING, "certificate.extension", RaTlsEvidence.OID + " with evidence", "none")));
        }
        List<Finding> findings = new ArrayList<>(evidence.get().bindingFaults());
        nonceFault(evidence.get()).ifPresent(findings::add);
        try {
            certificate.checkValidity(java.util.Date.from(clock.instant()));
        } catch (CertificateException e) {
            findings.add(new Finding(
                    Check.RA_TLS_BINDING, "certificate.validity", "the time of the handshake", String.valueOf(e)));
        }
        if (!findings.isEmpty()) {
            return new Rejected(findings);
        }
        byte[] quote = evidence.get().quote();
        return appraiser.appraise(quote, collateral.collateralFor(Quote.parse(quote)), policy, clock.instant());
    }

    private Optional<Finding> nonceFault(RaTlsEvidence evidence) {
        if (nonce == null || Arrays.equals(nonce, evidence.nonce().orElse(null))) {
            return Optional.empty();
        }
        String actual = evidence.nonce().map(HexFormat.of()::formatHex).orElse("none");
        return Optional.of(new Finding(
                Check.RA_TLS_NONCE, "certificate.claims.nonce", HexFormat.of().formatHex(nonce), actual));
    }

    @Override
    protected void checkServer(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    protected void checkClient(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        if (chain == null || chain.length == 0) {
            throw new IllegalArgumentException("a chain has at least one certificate");
        }
        Verdict verdict;
        try {
            verdict = appraise(chain[0]);
        } catch (S3mlException e) {
            throw new CertificateException(e.code(), e);
        }
        listener.accept(verdict);
        if (verdict instanceof Rejected rejected) {
            throw new PeerRejected(rejected);
        }
    }
}
