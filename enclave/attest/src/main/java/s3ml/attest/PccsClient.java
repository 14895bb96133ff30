package s3ml.attest;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import s3ml.attest.PccsTransport.Answer;

/// Fetches collateral over the REST API v4 that Intel's PCS and every PCCS serve. Thread-safe; keeps nothing.
///
/// What a PCCS answers is not trusted, so that its certificate matters little (a PCCS comes with a self-signed one):
/// the caller decides by the [HttpClient] it hands over. Answers are bounded in size and time; redirects are not
/// followed.
public final class PccsClient implements CollateralSource {
    /// Intel's own service has no path for the root's list; it lies where the root certificate says.
    private static final URI INTEL_ROOT_CRL =
            URI.create("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");

    /// Bytes of a platform's identifier: plain, and encrypted by either of two keys.
    private static final int PLAIN_PPID = 16;

    private static final int RSA_2048 = 256;
    private static final int RSA_3072 = 384;

    private final PccsTransport transport;
    private final String update;

    private PccsClient(PccsTransport transport, String update) {
        this.transport = transport;
        this.update = update;
    }

    /// A client of the service at `base`, for example `https://localhost:8081` or
    /// `https://api.trustedservices.intel.com`.
    public static PccsClient at(URI base) {
        return new PccsClient(new PccsTransport(base, null, null), "");
    }

    /// As above, over a client of the caller's: with a trust store, a proxy, or an executor of its own.
    public static PccsClient at(URI base, HttpClient http) {
        return new PccsClient(new PccsTransport(base, http, null), "");
    }

    /// The same client with a subscription key of Intel's PCS, which only certificates need.
    public PccsClient withSubscriptionKey(String key) {
        return new PccsClient(transport.withKey(key), update);
    }

    /// The same client with TCB recovery collateral of one kind: `standard` (the default of the service) or `early`.
    public PccsClient withUpdate(String kind) {
        if (!kind.equals("standard") && !kind.equals("early")) {
            throw new IllegalArgumentException("update is standard or early, not " + kind);
        }
        return new PccsClient(transport, "update=" + kind);
    }

    /// The same client with the collateral of one TCB evaluation, by its number (Intel's PCS only).
    public PccsClient withTcbEvaluationDataNumber(int number) {
        return new PccsClient(transport, "tcbEvaluationDataNumber=" + number);
    }

    @Override
    public Collateral collateralFor(Quote quote) {
        String chain = quote.certificationDataType() == 5
                ? new String(quote.certificationData(), StandardCharsets.US_ASCII)
                : pckChain(quote);
        PkiCertificate leaf = leaf(chain);
        String fmspc;
        try {
            fmspc = HexFormat.of().formatHex(PckExtension.of(leaf).platform().fmspc());
        } catch (Malformed e) {
            throw unusable(e.why());
        }
        Answer pckCrl = pckCrl(authorityOf(leaf));
        return new Collateral(
                new Crls(pckCrl.chain("SGX-PCK-CRL-Issuer-Chain"), rootCrl(), binary(pckCrl.body())),
                tcbInfo(quote.teeType(), fmspc),
                qeIdentity(quote.teeType()),
                quote.certificationDataType() == 5 ? null : chain);
    }

    /// TCB information of the platforms of one FMSPC (12 hexadecimal digits).
    public SignedText tcbInfo(TeeType tee, String fmspc) {
        Answer answer = transport.get(path(tee) + "tcb", "fmspc=" + fmspc, update);
        return SignedText.ofAnswer(
                answer.chain("TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"), answer.body(), "tcbInfo");
    }

    /// The identity of the quoting enclave.
    public SignedText qeIdentity(TeeType tee) {
        return identity(path(tee) + "qe/identity");
    }

    /// The identity of the quote verification enclave.
    public SignedText qveIdentity() {
        return identity("sgx/certification/v4/qve/identity");
    }

    private SignedText identity(String path) {
        Answer answer = transport.get(path, update);
        return SignedText.ofAnswer(answer.chain("SGX-Enclave-Identity-Issuer-Chain"), answer.body(), "enclaveIdentity");
    }

    /// The TCB evaluations that the vendor publishes, signed (Intel's PCS only).
    public SignedText tcbEvaluationDataNumbers(TeeType tee) {
        Answer answer = transport.get(path(tee) + "tcbevaluationdatanumbers");
        return SignedText.ofAnswer(
                answer.chain("TCB-Evaluation-Data-Numbers-Issuer-Chain"), answer.body(), "tcbEvaluationDataNumbers");
    }

    /// The kinds of platforms that the service knows, a JSON array.
    public String fmspcs() {
        return new String(transport.get("sgx/certification/v4/fmspcs").body(), StandardCharsets.UTF_8);
    }

    /// What the root revokes, DER or PEM.
    public byte[] rootCrl() {
        return binary(
                transport.isIntel()
                        ? transport.get(INTEL_ROOT_CRL).body()
                        : transport.get("sgx/certification/v4/rootcacrl").body());
    }

    /// The list at a distribution point, fetched and kept by the PCCS: for machines that reach nothing else.
    ///
    /// @param point as a certificate names it, for example
    /// `https://certificates.trustedservices.intel.com/IntelSGXRootCA.der`
    public byte[] crl(URI point) {
        String encoded = URLEncoder.encode(point.toString(), StandardCharsets.UTF_8);
        return binary(
                transport.get("sgx/certification/v4/crl", "uri=" + encoded).body());
    }

    private Answer pckCrl(String authority) {
        return transport.get("sgx/certification/v4/pckcrl", "ca=" + authority, "encoding=der");
    }

    /// The certificate chain of a platform whose quote holds only its identifier, or only its certificate.
    private String pckChain(Quote quote) {
        byte[] data = quote.certificationData();
        return switch (quote.certificationDataType()) {
            case 1 -> platformChain(quote, data, PLAIN_PPID);
            case 2 -> platformChain(quote, data, RSA_2048);
            case 3 -> platformChain(quote, data, RSA_3072);
            case 4 -> {
                String own = new String(data, StandardCharsets.US_ASCII);
                yield own + "\n" + pckCrl(authorityOf(leaf(own))).chain("SGX-PCK-CRL-Issuer-Chain");
            }
            default -> throw unusable("certification data of type " + quote.certificationDataType());
        };
    }

    /// Asks for the certificate by the identifier of the quoting enclave and that of the provisioning enclave, under
    /// which a PCCS keeps it. Intel's own service also demands the PPID, encrypted by RSA-3072.
    private String platformChain(Quote quote, byte[] data, int identifier) {
        HexFormat hex = HexFormat.of();
        if (data.length != identifier + 20) {
            throw unusable("certification data has " + data.length + " bytes, not " + (identifier + 20));
        }
        if (transport.isIntel() && identifier != RSA_3072) {
            throw unusable(
                    "Intel's service knows platforms by a PPID encrypted by RSA-3072, which certification data of"
                            + " type 3 holds and of type " + quote.certificationDataType() + " does not");
        }
        ByteView view = ByteView.of(data);
        Answer answer = transport.get(
                "sgx/certification/v4/pckcert",
                identifier == RSA_3072 ? "encrypted_ppid=" + hex.formatHex(data, 0, identifier) : "",
                "cpusvn=" + view.view(identifier, 16).hex(),
                "pcesvn=" + view.view(identifier + 16, 2).hex(),
                "pceid=" + view.view(identifier + 18, 2).hex(),
                "qeid=" + hex.formatHex(quote.userData(), 0, 16));
        String own = new String(answer.body(), StandardCharsets.US_ASCII);
        if (identifier == PLAIN_PPID) {
            requirePpid(view.view(0, PLAIN_PPID), leaf(own));
        }
        return own + "\n" + answer.chain("SGX-PCK-Certificate-Issuer-Chain");
    }

    private static void requirePpid(ByteView ppid, PkiCertificate leaf) {
        try {
            if (!ppid.contentEquals(PckExtension.of(leaf).platform().ppid())) {
                throw unusable("the PCCS answers with the certificate of another platform");
            }
        } catch (Malformed e) {
            throw unusable(e.why());
        }
    }

    private static PkiCertificate leaf(String chain) {
        try {
            byte[] pem = chain.getBytes(StandardCharsets.US_ASCII);
            List<PkiCertificate> certificates = Pem.certificates(pem, 0, pem.length);
            if (certificates.isEmpty()) {
                throw unusable("the PCK chain holds no certificate");
            }
            return certificates.getFirst();
        } catch (Malformed e) {
            throw unusable(e.why());
        }
    }

    private static String authorityOf(PkiCertificate leaf) {
        String issuer = new String(leaf.issuer().copy(), StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        return issuer.contains("processor") ? "processor" : "platform";
    }

    private static String path(TeeType tee) {
        return tee.name().toLowerCase(Locale.ROOT) + "/certification/v4/";
    }

    private static byte[] binary(byte[] body) {
        byte[] decoded = Crls.decoded(body);
        if (decoded.length > 0 && (decoded[0] == Der.SEQUENCE || decoded[0] == '-')) {
            return decoded;
        }
        throw new S3mlException(
                "ATT-304",
                "could not fetch the collateral",
                "a revocation list is neither DER, nor PEM, nor hexadecimal",
                "check that the address is that of a PCCS");
    }

    private static S3mlException unusable(@Nullable String why) {
        return new S3mlException(
                "ATT-303",
                "could not fetch the collateral",
                "the quote does not say of which platform it is: " + why,
                "hand over a quote with a PCK certificate chain");
    }
}
