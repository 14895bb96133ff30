package s3ml.attest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// A platform under a root of its own: quotes of SGX (version 3) and TDX (version 4), and the collateral for both.
final class TestPlatform {
    static final Instant AT = Instant.parse("2026-02-01T00:00:00Z");
    static final byte[] CODE = fill(32, 0xc0);
    static final byte[] SIGNER = fill(32, 0x51);
    static final byte[] TD = fill(48, 0x7d);

    private static final String ROOT = "Intel SGX Root CA";
    private static final String AUTHORITY = "Intel SGX PCK Platform CA";
    private static final long LEAF_SERIAL = 0x1001;
    private static final String FMSPC = "00606a000000";
    private static final byte[] QE_SIGNER = fill(32, 0x8c);

    private final KeyPair rootKeys = TestPki.keys();
    private final KeyPair authorityKeys = TestPki.keys();
    private final KeyPair leafKeys = TestPki.keys();
    private final KeyPair signingKeys = TestPki.keys();
    private final KeyPair attestationKeys = TestPki.keys();
    private final Instant[] validity = {AT.minus(Duration.ofDays(100)), AT.plus(Duration.ofDays(1000))};
    private final byte[] root = TestPki.certificate(
            new TestPki.Subject(ROOT, 1, true, List.of()), rootKeys, ROOT, rootKeys.getPrivate(), validity);
    private final byte[] authority = TestPki.certificate(
            new TestPki.Subject(AUTHORITY, 2, true, List.of()), authorityKeys, ROOT, rootKeys.getPrivate(), validity);
    private final byte[] leaf = TestPki.certificate(
            new TestPki.Subject("Intel SGX PCK Certificate", LEAF_SERIAL, false, List.of(sgxExtension())),
            leafKeys,
            AUTHORITY,
            authorityKeys.getPrivate(),
            validity);
    private final byte[] signing = TestPki.certificate(
            new TestPki.Subject("Intel SGX TCB Signing", 3, false, List.of()),
            signingKeys,
            ROOT,
            rootKeys.getPrivate(),
            validity);
    /// Made once, as a quoting enclave keeps its certified key.
    private final byte[] certified = certify();

    static byte[] fill(int count, int value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] sgxExtension() {
        String base = "1.2.840.113741.1.13.1";
        ByteArrayOutputStream tcb = new ByteArrayOutputStream();
        for (int i = 1; i <= 16; i++) {
            tcb.writeBytes(DerWriter.sequence(DerWriter.oid(base + ".2." + i), DerWriter.integer(i == 1 ? 200 : 5)));
        }
        tcb.writeBytes(DerWriter.sequence(DerWriter.oid(base + ".2.17"), DerWriter.integer(13)));
        tcb.writeBytes(DerWriter.sequence(DerWriter.oid(base + ".2.18"), DerWriter.octets(new byte[16])));
        byte[] value = DerWriter.sequence(
                DerWriter.sequence(DerWriter.oid(base + ".1"), DerWriter.octets(fill(16, 0xaa))),
                DerWriter.sequence(DerWriter.oid(base + ".2"), DerWriter.sequence(tcb.toByteArray())),
                DerWriter.sequence(DerWriter.oid(base + ".3"), DerWriter.octets(new byte[2])),
                DerWriter.sequence(
                        DerWriter.oid(base + ".4"),
                        DerWriter.octets(HexFormat.of().parseHex(FMSPC))),
                DerWriter.sequence(DerWriter.oid(base + ".5"), DerWriter.element(Der.ENUMERATED, new byte[] {1})),
                DerWriter.sequence(
                        DerWriter.oid(base + ".7"),
                        DerWriter.sequence(
                                DerWriter.sequence(DerWriter.oid(base + ".7.1"), DerWriter.bool(false)),
                                DerWriter.sequence(DerWriter.oid(base + ".7.3"), DerWriter.bool(true)))));
        return DerWriter.extension(base, false, value);
    }

    Digest fingerprint() {
        return Digest.of(root);
    }

    Set<Digest> roots() {
        return Set.of(fingerprint());
    }

    String chain() {
        return TestPki.pem(leaf) + TestPki.pem(authority) + TestPki.pem(root);
    }

    byte[] sgxQuote(ReportData data) {
        return sgxQuote(data, 0);
    }

    /// An SGX quote, version 3; `flags` are added to the first byte of its attributes.
    byte[] sgxQuote(ReportData data, int flags) {
        byte[] body = report(CODE, SIGNER, data.bytes());
        body[48] |= (byte) flags;
        byte[] signed = concat(header(3, 0), body);
        byte[] chain = chain().getBytes(StandardCharsets.US_ASCII);
        byte[] signature = concat(quoteSignature(signed), certified, u16(5), u32(chain.length), chain);
        return concat(signed, u32(signature.length), signature);
    }

    /// An SGX quote, version 3, with certification data of another type than a chain.
    byte[] sgxQuoteCertifiedBy(int type, byte[] data) {
        byte[] signed = concat(header(3, 0), report(CODE, SIGNER, new byte[64]));
        byte[] signature = concat(quoteSignature(signed), certified, u16(type), u32(data.length), data);
        return concat(signed, u32(signature.length), signature);
    }

    /// The certificates of the PCK chain, leaf first, PEM.
    List<String> certificates() {
        return List.of(TestPki.pem(leaf), TestPki.pem(authority), TestPki.pem(root));
    }

    /// A TDX 1.0 quote, version 4, as the other but with that type of certification data, within an envelope of that
    /// type.
    byte[] tdxQuoteCertifiedBy(int envelope, int type, byte[] data) {
        byte[] body = new byte[584];
        body[0] = 5;
        body[2] = 5;
        byte[] signed = concat(header(4, 0x81), body);
        byte[] nested = concat(certified, u16(type), u32(data.length), data);
        byte[] signature = concat(quoteSignature(signed), u16(envelope), u32(nested.length), nested);
        return concat(signed, u32(signature.length), signature);
    }

    /// A TDX 1.0 quote, version 4.
    byte[] tdxQuote(ReportData data) {
        byte[] body = new byte[584];
        body[0] = 5;
        body[2] = 5;
        System.arraycopy(TD, 0, body, 136, 48);
        System.arraycopy(data.bytes(), 0, body, 520, 64);
        byte[] signed = concat(header(4, 0x81), body);
        byte[] chain = chain().getBytes(StandardCharsets.US_ASCII);
        byte[] nested = concat(certified, u16(5), u32(chain.length), chain);
        byte[] signature = concat(quoteSignature(signed), u16(6), u32(nested.length), nested);
        return concat(signed, u32(signature.length), signature);
    }

    private byte[] quoteSignature(byte[] signed) {
        return concat(TestPki.signRaw(attestationKeys.getPrivate(), signed), TestPki.point(attestationKeys));
    }

    private byte[] certify() {
        byte[] auth = fill(32, 0xad);
        byte[] bound = Digest.of(concat(TestPki.point(attestationKeys), auth)).bytes();
        byte[] report = report(fill(32, 0x9e), QE_SIGNER, Arrays.copyOf(bound, 64));
        return concat(report, TestPki.signRaw(leafKeys.getPrivate(), report), u16(auth.length), auth);
    }

    private static byte[] report(byte[] code, byte[] signer, byte[] data) {
        byte[] report = new byte[384];
        report[48] = 0x05;
        System.arraycopy(code, 0, report, 64, 32);
        System.arraycopy(signer, 0, report, 128, 32);
        report[256] = 1;
        report[258] = 8;
        System.arraycopy(data, 0, report, 320, 64);
        return report;
    }

    private static byte[] header(int version, int tee) {
        return concat(
                u16(version),
                u16(2),
                u32(tee),
                u32(0),
                HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607"),
                new byte[20]);
    }

    /// One of each kind of quote, each with its collateral.
    List<EvidenceCase> cases() {
        ReportData data = ReportData.ofDigest(Digest.of(new byte[] {1}));
        return List.of(
                new EvidenceCase("own SGX quote, version 3", sgxQuote(data), collateral(TeeType.SGX), roots(), AT),
                new EvidenceCase("own TDX quote, version 4", tdxQuote(data), collateral(TeeType.TDX), roots(), AT),
                new EvidenceCase(
                        "own SGX quote that names its platform",
                        sgxQuoteCertifiedBy(3, new byte[404]),
                        collateral(TeeType.SGX, chain()),
                        roots(),
                        AT));
    }

    Collateral collateral(TeeType tee) {
        return new Documents().collateral(tee);
    }

    /// With a PCK chain beside it, for quotes that only name their platform.
    Collateral collateral(TeeType tee, String pckChain) {
        Collateral without = collateral(tee);
        return new Collateral(without.crls(), without.tcbInfo(), without.qeIdentity(), pckChain);
    }

    Documents documents() {
        return new Documents();
    }

    /// Collateral with one thing or another changed.
    final class Documents {
        private Instant issued = AT.minus(Duration.ofDays(1));
        private Instant next = AT.plus(Duration.ofDays(29));
        private String status = "UpToDate";
        private String advisories = "";
        private List<Long> revoked = List.of();

        Documents status(String value) {
            status = value;
            return this;
        }

        Documents advisory(String id) {
            advisories = "\"" + id + "\"";
            return this;
        }

        Documents revokingTheLeaf() {
            revoked = List.of(7L, LEAF_SERIAL);
            return this;
        }

        Documents until(Instant value) {
            next = value;
            return this;
        }

        Collateral collateral(TeeType tee) {
            Instant[] window = {issued, next};
            String chain = TestPki.pem(signing) + TestPki.pem(root);
            String tcb = tcbInfo(tee);
            String identity = identity(tee);
            return new Collateral(
                    new Crls(
                            TestPki.pem(authority) + TestPki.pem(root),
                            TestPki.list(ROOT, rootKeys.getPrivate(), window, List.of()),
                            TestPki.list(AUTHORITY, authorityKeys.getPrivate(), window, revoked)),
                    SignedText.of(chain, tcb, signature(tcb)),
                    SignedText.of(chain, identity, signature(identity)),
                    null);
        }

        private String signature(String text) {
            return HexFormat.of()
                    .formatHex(TestPki.signRaw(signingKeys.getPrivate(), text.getBytes(StandardCharsets.UTF_8)));
        }

        private String head(String id, int version) {
            return "{\"id\":\"" + id + "\",\"version\":" + version + ",\"issueDate\":\"" + issued
                    + "\",\"nextUpdate\":\"" + next + "\",\"tcbEvaluationDataNumber\":17,";
        }

        private String tcbInfo(TeeType tee) {
            String components = "[" + "{\"svn\":5},".repeat(15) + "{\"svn\":5}]";
            String tdx = tee == TeeType.SGX
                    ? ""
                    : ",\"tdxtcbcomponents\":[" + "{\"svn\":5},{\"svn\":0},{\"svn\":5}" + ",{\"svn\":0}".repeat(13)
                            + "]";
            String module = tee == TeeType.SGX
                    ? ""
                    : "\"tdxModule\":{\"mrsigner\":\"" + "00".repeat(48)
                            + "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"},";
            return head(tee.name(), 3) + "\"fmspc\":\"" + FMSPC + "\",\"pceId\":\"0000\",\"tcbType\":0," + module
                    + "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomponents\":" + components + ",\"pcesvn\":11" + tdx
                    + "},\"tcbDate\":\"2025-11-12T00:00:00Z\",\"tcbStatus\":\"" + status + "\",\"advisoryIDs\":["
                    + advisories + "]}]}";
        }

        private String identity(TeeType tee) {
            return head(tee == TeeType.SGX ? "QE" : "TD_QE", 2)
                    + "\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
                    + "\"attributes\":\"01000000000000000000000000000000\","
                    + "\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\""
                    + HexFormat.of().formatHex(QE_SIGNER) + "\",\"isvprodid\":1,"
                    + "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":8},\"tcbDate\":\"2025-11-12T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}";
        }
    }

    /// A policy under this root, with further members.
    Policy policy(String rule, String more) {
        return Policy.parse("{\"version\":1,\"roots\":[\"sha256:"
                + fingerprint().hex() + "\"],\"rules\":[" + rule + "]" + more + "}");
    }

    static String codeRule() {
        return "{\"mrEnclave\":\"" + HexFormat.of().formatHex(CODE) + "\"}";
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] u16(int value) {
        return new byte[] {(byte) value, (byte) (value >>> 8)};
    }

    static byte[] u32(int value) {
        return concat(u16(value), u16(value >>> 16));
    }
}
