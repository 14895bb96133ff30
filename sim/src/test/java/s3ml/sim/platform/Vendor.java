package s3ml.sim.platform;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// A vendor that says of the simulated platform what a test wants, and quotes of that platform: each document, list,
/// certificate and report is whole and signed, however odd its content. As it is made, everything is up to date.
final class Vendor {
    static final Instant AT = Instant.parse("2026-11-24T12:00:00Z");
    static final Duration CERTIFICATE_LIFE = Duration.ofDays(7300);
    static final Duration LIST_LIFE = Duration.ofDays(30);

    private static final KeyPair ROOT = Keys.generate();
    private static final KeyPair AUTHORITY = Keys.generate();
    private static final KeyPair PCK = Keys.generate();
    private static final KeyPair TCB_SIGNING = Keys.generate();
    private static final KeyPair ATTESTATION = Keys.generate();
    private static final String CRL = "http://simulated-platform.invalid/root.crl";
    private static final EnclaveIdentity ENCLAVE = SimulatedPlatformTest.enclave(0xf1, 1, false);
    private static final byte[] ROOT_CERTIFICATE = rootIssuer()
            .certify(
                    rootIssuer().name(),
                    ROOT.getPublic(),
                    new Issuer.Kind.Authority(1),
                    CRL,
                    AT.minus(Duration.ofDays(3650)));

    /// What differs by nothing but its time, so that it is signed once for all vendors.
    private static final Map<String, byte[]> ISSUED = new ConcurrentHashMap<>();

    /// What has a time of its own. Certificates begin an hour before they are issued.
    enum Piece {
        AUTHORITY,
        LEAF,
        TCB_SIGNING,
        ROOT_CRL,
        PCK_CRL,
        TCB_INFO,
        QE_IDENTITY
    }

    private final EvidenceKind kind;
    private final Map<Piece, Instant> issued = new EnumMap<>(Piece.class);
    private List<String> levels;
    private String modules;
    private List<String> qeLevels;
    private String qeSigner = HexFormat.of().formatHex(Reports.QE_SIGNER);
    private byte[] launch = Reports.TEE_TCB_SVN;
    private byte[] current = Reports.TEE_TCB_SVN;
    private byte[] moduleSigner = new byte[48];
    private byte[] moduleAttributes = new byte[8];
    private int tcbNumber = 20;
    private int qeNumber = 20;

    Vendor(EvidenceKind kind) {
        this.kind = kind;
        for (Piece piece : Piece.values()) {
            issued.put(piece, AT.minus(Duration.ofDays(1)));
        }
        this.levels = List.of(level("UpToDate"));
        this.modules = module("tdxModule", "", zeros(48), "") + ","
                + identities(identity("TDX_01", zeros(48), simple(Reports.TEE_TCB_SVN[0], "UpToDate")));
        this.qeLevels = List.of(simple(qeSvn(), "UpToDate"));
    }

    int qeSvn() {
        return kind.tdx() ? Reports.TD_QE_SVN : Reports.QE_SVN;
    }

    Vendor levels(String... all) {
        levels = List.of(all);
        return this;
    }

    /// The TDX module of version 0 as usual, and these of other versions.
    Vendor modules(String... identities) {
        modules = module("tdxModule", "", zeros(48), "") + "," + identities(identities);
        return this;
    }

    Vendor onlyTheFirstModule() {
        modules = module("tdxModule", "", zeros(48), "");
        return this;
    }

    Vendor qeLevels(String... all) {
        qeLevels = List.of(all);
        return this;
    }

    Vendor qeSigner(String hex) {
        qeSigner = hex;
        return this;
    }

    /// The first components of the trust domain's TCB, at its launch and now.
    Vendor tee(int... components) {
        return launchedOn(components).runsOn(components);
    }

    Vendor launchedOn(int... components) {
        launch = bytes(components);
        return this;
    }

    Vendor runsOn(int... components) {
        current = bytes(components);
        return this;
    }

    Vendor moduleSigner(byte[] signer) {
        moduleSigner = signer.clone();
        return this;
    }

    Vendor moduleAttributes(byte[] attributes) {
        moduleAttributes = attributes.clone();
        return this;
    }

    Vendor numbers(int ofTcbInfo, int ofQeIdentity) {
        tcbNumber = ofTcbInfo;
        qeNumber = ofQeIdentity;
        return this;
    }

    Vendor issued(Piece piece, Instant at) {
        issued.put(piece, at);
        return this;
    }

    /// The platform's own components, the enclave's version and, for TDX, the module's.
    String level(String status, String... advisories) {
        return level(PlatformIdentity.CPU_SVN, PlatformIdentity.PCE_SVN, bytes(5, 1, 8), status, advisories);
    }

    /// Of TDX components that begin with these.
    String tdxLevel(byte[] tdx, String status, String... advisories) {
        return level(PlatformIdentity.CPU_SVN, PlatformIdentity.PCE_SVN, tdx, status, advisories);
    }

    String level(byte[] sgx, int pceSvn, byte[] tdx, String status, String... advisories) {
        String more = kind.tdx() ? ",\"tdxtcbcomponents\":" + components(tdx) : "";
        return "{\"tcb\":{\"sgxtcbcomponents\":" + components(sgx) + ",\"pcesvn\":" + pceSvn + more + "}"
                + statement(status, advisories) + "}";
    }

    /// A level of a module or a quoting enclave.
    static String simple(int svn, String status, String... advisories) {
        return "{\"tcb\":{\"isvsvn\":" + svn + "}" + statement(status, advisories) + "}";
    }

    static String identity(String id, String signer, String... simpleLevels) {
        return module("", id, signer, ",\"tcbLevels\":[" + String.join(",", simpleLevels) + "]");
    }

    static String zeros(int bytes) {
        return "00".repeat(bytes);
    }

    static byte[] bytes(int... values) {
        byte[] all = new byte[16];
        for (int i = 0; i < values.length; i++) {
            all[i] = (byte) values[i];
        }
        return all;
    }

    private static String statement(String status, String... advisories) {
        String ids = Arrays.stream(advisories).map(id -> '"' + id + '"').collect(Collectors.joining(","));
        return ",\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"" + status + "\",\"advisoryIDs\":[" + ids + "]";
    }

    private static String components(byte[] versions) {
        return IntStream.range(0, versions.length)
                .mapToObj(i -> "{\"svn\":" + (versions[i] & 0xff) + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String module(String member, String id, String signer, String more) {
        return (member.isEmpty() ? "" : "\"" + member + "\":") + "{" + (id.isEmpty() ? "" : "\"id\":\"" + id + "\",")
                + "\"mrsigner\":\"" + signer
                + "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"" + more + "}";
    }

    private static String identities(String... all) {
        return "\"tdxModuleIdentities\":[" + String.join(",", all) + "]";
    }

    byte[] rootCertificate() {
        return ROOT_CERTIFICATE.clone();
    }

    private static Issuer rootIssuer() {
        return new Issuer(Issuer.nameOf("Intel SGX Root CA"), ROOT);
    }

    private static Issuer authorityIssuer() {
        return new Issuer(Issuer.nameOf("Intel SGX PCK Platform CA"), AUTHORITY);
    }

    private Instant issued(Piece piece) {
        return issued.getOrDefault(piece, AT);
    }

    private byte[] once(Piece piece, Function<Instant, byte[]> issue) {
        Instant at = issued(piece);
        return ISSUED.computeIfAbsent(piece + " " + at, key -> issue.apply(at));
    }

    private String authorityPem() {
        byte[] authority = once(
                Piece.AUTHORITY,
                at -> rootIssuer()
                        .certify(
                                authorityIssuer().name(),
                                AUTHORITY.getPublic(),
                                new Issuer.Kind.Authority(0),
                                CRL,
                                at));
        return Issuer.pem(authority) + Issuer.pem(ROOT_CERTIFICATE);
    }

    byte[] quote() {
        byte[] extension = new PlatformIdentity(new byte[32]).sgxExtension();
        byte[] leaf = once(
                Piece.LEAF,
                at -> authorityIssuer()
                        .certify(
                                Issuer.nameOf("Intel SGX PCK Certificate"),
                                PCK.getPublic(),
                                new Issuer.Kind.Leaf(extension),
                                CRL,
                                at));
        byte[] quote = new QuoteWriter(ATTESTATION, PCK, Issuer.pem(leaf) + authorityPem(), new byte[16])
                .quote(kind, ENCLAVE, new byte[64]);
        if (kind.tdx()) {
            changeTrustDomain(quote);
        }
        return quote;
    }

    private void changeTrustDomain(byte[] quote) {
        int body = kind.version() == 5 ? 54 : 48;
        int size = kind == EvidenceKind.TDX_V5_TD15 ? Reports.TD15_SIZE : Reports.TD10_SIZE;
        System.arraycopy(launch, 0, quote, body, 16);
        System.arraycopy(moduleSigner, 0, quote, body + 64, 48);
        System.arraycopy(moduleAttributes, 0, quote, body + 112, 8);
        if (size == Reports.TD15_SIZE) {
            System.arraycopy(current, 0, quote, body + 584, 16);
        }
        byte[] signature = Keys.signRaw(ATTESTATION.getPrivate(), Arrays.copyOf(quote, body + size));
        System.arraycopy(signature, 0, quote, body + size + 4, signature.length);
    }

    /// In the form of QuoteCollateralV3.
    String collateralJson() {
        byte[] signing = once(
                Piece.TCB_SIGNING,
                at -> rootIssuer()
                        .certify(
                                Issuer.nameOf("Intel SGX TCB Signing"),
                                TCB_SIGNING.getPublic(),
                                new Issuer.Kind.Leaf(new byte[0]),
                                CRL,
                                at));
        byte[] rootList = once(Piece.ROOT_CRL, at -> rootIssuer().revoke(Set.of(), at, LIST_LIFE));
        byte[] pckList = once(Piece.PCK_CRL, at -> authorityIssuer().revoke(Set.of(), at, LIST_LIFE));
        String chain = Issuer.pem(signing) + Issuer.pem(ROOT_CERTIFICATE);
        HexFormat hex = HexFormat.of();
        String tcbInfo = tcbInfo();
        String identity = qeIdentity();
        return Json.write(JsonObject.builder()
                .put("pck_crl_issuer_chain", authorityPem())
                .put("root_ca_crl", hex.formatHex(rootList))
                .put("pck_crl", hex.formatHex(pckList))
                .put("tcb_info_issuer_chain", chain)
                .put("tcb_info", tcbInfo)
                .put("tcb_info_signature", signature(tcbInfo))
                .put("qe_identity_issuer_chain", chain)
                .put("qe_identity", identity)
                .put("qe_identity_signature", signature(identity))
                .build());
    }

    private static String signature(String text) {
        return HexFormat.of().formatHex(Keys.signRaw(TCB_SIGNING.getPrivate(), text.getBytes(StandardCharsets.UTF_8)));
    }

    private String head(String id, int version, Piece piece, int number) {
        return "{\"id\":\"" + id + "\",\"version\":" + version + ",\"issueDate\":\"" + issued(piece)
                + "\",\"nextUpdate\":\"" + issued(piece).plus(LIST_LIFE) + "\",\"tcbEvaluationDataNumber\":" + number
                + ",";
    }

    private String tcbInfo() {
        return head(kind.tdx() ? "TDX" : "SGX", 3, Piece.TCB_INFO, tcbNumber) + "\"fmspc\":\""
                + PlatformIdentity.fmspcHex() + "\",\"pceId\":\"0000\",\"tcbType\":0,"
                + (kind.tdx() ? modules + "," : "") + "\"tcbLevels\":[" + String.join(",", levels) + "]}";
    }

    private String qeIdentity() {
        return head(kind.tdx() ? "TD_QE" : "QE", 2, Piece.QE_IDENTITY, qeNumber)
                + "\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"11" + zeros(15)
                + "\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"" + qeSigner
                + "\",\"isvprodid\":" + (kind.tdx() ? 2 : 1) + ",\"tcbLevels\":[" + String.join(",", qeLevels) + "]}";
    }
}
