package s3ml.sim.platform;

import static s3ml.sim.platform.EvidenceKind.SGX_V3;
import static s3ml.sim.platform.EvidenceKind.SGX_V5;
import static s3ml.sim.platform.EvidenceKind.TDX_V4;
import static s3ml.sim.platform.EvidenceKind.TDX_V5_TD10;
import static s3ml.sim.platform.EvidenceKind.TDX_V5_TD15;
import static s3ml.sim.platform.Vendor.AT;
import static s3ml.sim.platform.Vendor.CERTIFICATE_LIFE;
import static s3ml.sim.platform.Vendor.LIST_LIFE;
import static s3ml.sim.platform.Vendor.bytes;
import static s3ml.sim.platform.Vendor.identity;
import static s3ml.sim.platform.Vendor.simple;
import static s3ml.sim.platform.Vendor.zeros;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.Digest;
import s3ml.attest.Examination;
import s3ml.attest.Finding;
import s3ml.sim.platform.Vendor.Piece;

/// What a vendor says of the simulated platform, and what a verifier must make of it.
///
/// Sources: Intel PCS API v4 (TCB info version 3, enclave identity version 2), the TCB matching and convergence of
/// Intel's quote verification library.
///
/// @param verdict the TCB status and the advisories; or the codes of the findings
/// @param peer why the verifier dcap-qvl says something else; empty when it says the same
record VendorCase(String name, Vendor vendor, String verdict, String peer) {
    static final String REJECTED = "rejected";

    private static final String SAME = "";
    private static final String FIRST_LEVEL =
            "it takes the first level that fits, in whatever order they stand; Intel's library sorts them";
    private static final String CURRENT_TCB =
            "it passes over an outdated current module, as Intel's library does (ATT-144)";
    private static final String ENVELOPES = "it knows SGX in version 3 only; Intel's library accepts the others";
    private static final String LAST_SECOND =
            "its revocation lists end a second earlier; Intel's library includes the end";
    private static final String LIST_FROM_THE_FUTURE =
            "it does not look at the begin of a revocation list; Intel's library refuses one from the future";

    /// The evidence as we judge it, in the form of a verdict.
    String judged() {
        Examination examination = examined();
        return examination
                .claims()
                .map(claims -> text(claims.tcbStatus().text(), claims.advisoryIds()))
                .orElseGet(() -> examination.findings().stream()
                        .map(Finding::code)
                        .distinct()
                        .collect(Collectors.joining(" ")));
    }

    Examination examined() {
        return new Appraiser(null)
                .examine(
                        vendor.quote(),
                        Collateral.parse(vendor.collateralJson()),
                        Set.of(Digest.of(vendor.rootCertificate())),
                        AT);
    }

    /// Whether evidence is to be refused.
    boolean refused() {
        return verdict.startsWith("ATT-");
    }

    static String text(String status, List<String> advisories) {
        return String.join(
                " ",
                Stream.concat(Stream.of(status), new TreeSet<>(advisories).stream())
                        .toList());
    }

    @Override
    public String toString() {
        return name;
    }

    static List<VendorCase> all() {
        List<VendorCase> cases = new ArrayList<>();
        modules(cases);
        tdxComponents(cases);
        relaunches(cases);
        sgxComponents(cases);
        quotingEnclaves(cases);
        times(cases);
        return cases;
    }

    private static void add(List<VendorCase> to, String name, Vendor vendor, String verdict) {
        to.add(new VendorCase(name, vendor, verdict, SAME));
    }

    private static void addDifferent(List<VendorCase> to, String name, Vendor vendor, String verdict, String peer) {
        to.add(new VendorCase(name, vendor, verdict, peer));
    }

    private static Vendor td() {
        return new Vendor(TDX_V4);
    }

    private static Vendor td15() {
        return new Vendor(TDX_V5_TD15);
    }

    private static Vendor sgx() {
        return new Vendor(SGX_V3);
    }

    private static void modules(List<VendorCase> to) {
        String own = zeros(48);
        add(to, "module up to date", td(), "UpToDate");
        add(
                to,
                "module on a lower level",
                td().modules(identity("TDX_01", own, simple(7, "UpToDate"), simple(5, "OutOfDate", "SA-M"))),
                "OutOfDate SA-M");
        addDifferent(
                to,
                "module levels from low to high",
                td().modules(identity("TDX_01", own, simple(2, "OutOfDate", "SA-M"), simple(5, "UpToDate"))),
                "UpToDate",
                FIRST_LEVEL);
        add(to, "module revoked", td().modules(identity("TDX_01", own, simple(5, "Revoked"))), "ATT-143");
        add(to, "module below all levels", td().modules(identity("TDX_01", own, simple(6, "UpToDate"))), "ATT-142");
        add(to, "module of no level", td().modules(identity("TDX_01", own)), "ATT-125");
        add(to, "module unnamed", td().modules(identity("TDX_03", own, simple(1, "UpToDate"))), "ATT-141");
        add(to, "no module named", td().onlyTheFirstModule(), "ATT-141");
        add(to, "module named in lower case", td().modules(identity("tdx_01", own, simple(5, "UpToDate"))), "UpToDate");
        add(
                to,
                "module of a version with a letter",
                td().tee(5, 0x1a, 8).modules(identity("TDX_1A", own, simple(5, "UpToDate"))),
                "UpToDate");
        add(
                to,
                "module of another signer than the vendor names",
                td().modules(identity("TDX_01", "11".repeat(48), simple(5, "UpToDate"))),
                "ATT-141");
        add(to, "module of a foreign signer", td().moduleSigner(filled(48)), "ATT-141");
        add(
                to,
                "module of a signer that the vendor names",
                td().moduleSigner(filled(48)).modules(identity("TDX_01", "01".repeat(48), simple(5, "UpToDate"))),
                "UpToDate");
        add(to, "module with attributes", td().moduleAttributes(filled(8)), "ATT-141");
        add(
                to,
                "outdated module on a platform in need of configuration",
                td().levels(td().level("ConfigurationNeeded", "SA-P"))
                        .modules(identity("TDX_01", own, simple(7, "UpToDate"), simple(5, "OutOfDate", "SA-M"))),
                "OutOfDateConfigurationNeeded SA-M SA-P");
        add(
                to,
                "outdated module on a platform in need of configuration and hardening",
                new Vendor(TDX_V5_TD10)
                        .levels(td().level("ConfigurationAndSWHardeningNeeded"))
                        .modules(identity("TDX_01", own, simple(5, "OutOfDate"))),
                "OutOfDateConfigurationNeeded");
    }

    private static byte[] filled(int count) {
        byte[] ones = new byte[count];
        Arrays.fill(ones, (byte) 1);
        return ones;
    }

    private static void tdxComponents(List<VendorCase> to) {
        add(
                to,
                "a module's two version bytes are not compared",
                td().levels(td().tdxLevel(bytes(9, 9, 8), "UpToDate")),
                "UpToDate");
        add(to, "module of version 0", td().tee(5, 0, 8).levels(td().tdxLevel(bytes(5, 0, 8), "UpToDate")), "UpToDate");
        add(
                to,
                "module of version 0 below in its first byte",
                td().tee(5, 0, 8).levels(td().tdxLevel(bytes(6, 0, 8), "UpToDate")),
                "ATT-142");
        add(
                to,
                "module of version 0 below in its second byte",
                td().tee(5, 0, 8).levels(td().tdxLevel(bytes(5, 1, 8), "UpToDate")),
                "ATT-142");
        add(to, "microcode below", td().levels(td().tdxLevel(bytes(5, 1, 9), "UpToDate")), "ATT-142");
        add(
                to,
                "microcode on a lower level, low to high",
                td().levels(
                                td().tdxLevel(bytes(5, 1, 7), "OutOfDate", "SA-OLD"),
                                td().tdxLevel(bytes(5, 1, 9), "UpToDate"),
                                td().tdxLevel(bytes(5, 1, 8), "SWHardeningNeeded", "SA-NOW")),
                "SWHardeningNeeded SA-NOW");
        add(
                to,
                "last component below",
                td().levels(
                                td().tdxLevel(bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), "UpToDate"),
                                td().tdxLevel(bytes(), "OutOfDate")),
                "OutOfDate");
    }

    private static void relaunches(List<VendorCase> to) {
        String[][] table = {
            // at launch, now, verdict
            {"OutOfDate", "UpToDate", "TDRelaunchAdvised SA-L"},
            {"OutOfDate", "SWHardeningNeeded", "TDRelaunchAdvised SA-L"},
            {"OutOfDate", "ConfigurationNeeded", "TDRelaunchAdvisedConfigurationNeeded SA-L"},
            {"OutOfDate", "ConfigurationAndSWHardeningNeeded", "TDRelaunchAdvisedConfigurationNeeded SA-L"},
            {"OutOfDateConfigurationNeeded", "UpToDate", "TDRelaunchAdvisedConfigurationNeeded SA-L"},
            {"OutOfDateConfigurationNeeded", "ConfigurationNeeded", "TDRelaunchAdvisedConfigurationNeeded SA-L"},
            {"OutOfDate", "OutOfDate", "OutOfDate SA-L"},
            {"OutOfDate", "OutOfDateConfigurationNeeded", "OutOfDate SA-L"},
            {"SWHardeningNeeded", "UpToDate", "SWHardeningNeeded SA-L"},
            {"ConfigurationNeeded", "UpToDate", "ConfigurationNeeded SA-L"},
            {"UpToDate", "OutOfDate", "ATT-144"},
            {"UpToDate", "Revoked", "ATT-144"},
            {"OutOfDate", "Revoked", "ATT-144"},
            {"Revoked", "UpToDate", "ATT-143"},
        };
        for (String[] row : table) {
            boolean worse = row[0].equals("UpToDate") && row[1].equals("OutOfDate");
            addDifferent(
                    to,
                    "launched on " + row[0] + ", runs on " + row[1],
                    td15().launchedOn(5, 1, 7)
                            .levels(
                                    td().tdxLevel(bytes(5, 1, 8), row[1], "SA-N"),
                                    td().tdxLevel(bytes(5, 1, 7), row[0], "SA-L")),
                    row[2],
                    worse ? CURRENT_TCB : SAME);
        }
        String own = zeros(48);
        add(
                to,
                "module was mended since the launch",
                td15().launchedOn(4, 1, 8)
                        .modules(identity("TDX_01", own, simple(5, "UpToDate"), simple(4, "OutOfDate", "SA-M"))),
                "TDRelaunchAdvised SA-M");
        add(to, "runs below all levels", td15().runsOn(5, 1, 7), "ATT-142");
        add(to, "runs on a module that is unnamed", td15().runsOn(5, 2, 8), "ATT-141");
        add(
                to,
                "quoting enclave is outdated at launch and now",
                td15().launchedOn(5, 1, 7)
                        .levels(
                                td().tdxLevel(bytes(5, 1, 8), "UpToDate"),
                                td().tdxLevel(bytes(5, 1, 7), "OutOfDate", "SA-L"))
                        .qeLevels(simple(5, "OutOfDate", "SA-Q")),
                "OutOfDate SA-L SA-Q");
    }

    private static void sgxComponents(List<VendorCase> to) {
        byte[] own = PlatformIdentity.CPU_SVN;
        int pce = PlatformIdentity.PCE_SVN;
        byte[] lower = bytes(7, 8, 3, 3, 3, 1);
        byte[] higher = own.clone();
        higher[15] = 1;
        byte[] largest = own.clone();
        largest[0] = (byte) 0xff;
        Vendor v = sgx();
        add(to, "SGX up to date", sgx(), "UpToDate");
        add(to, "pcesvn of the level above", v5(v.level(own, pce + 1, own, "UpToDate")), "ATT-142");
        add(
                to,
                "pcesvn on a lower level, low to high",
                v5(v.level(own, pce - 1, own, "OutOfDate"), v.level(own, pce, own, "UpToDate")),
                "UpToDate");
        add(
                to,
                "components rank above pcesvn",
                v5(v.level(lower, pce, own, "OutOfDate"), v.level(own, pce - 3, own, "ConfigurationNeeded", "SA-1")),
                "ConfigurationNeeded SA-1");
        add(
                to,
                "last component above",
                v5(v.level(higher, pce, own, "UpToDate"), v.level(lower, pce, own, "OutOfDate", "SA-2", "SA-1")),
                "OutOfDate SA-1 SA-2");
        add(to, "a component of 255", v5(v.level(largest, pce, own, "UpToDate")), "ATT-142");
        add(to, "no components needed", v5(v.level(bytes(), 0, own, "OutOfDate")), "OutOfDate");
        add(to, "largest pcesvn", v5(v.level(own, 65_535, own, "UpToDate")), "ATT-142");
        add(to, "pcesvn beyond 16 bits", v5(v.level(own, 65_536 + pce, own, "UpToDate")), "ATT-125");
        add(to, "15 components", v5(v.level(Arrays.copyOf(own, 15), pce, own, "UpToDate")), "ATT-125");
        add(to, "no levels", v5(), "ATT-125");
        add(to, "unknown status", v5(v.level("Splendid")), "ATT-125");
        add(to, "relaunch as a level's status", v5(v.level("TDRelaunchAdvised")), "ATT-125");
        add(to, "revoked", v5(v.level("Revoked")), "ATT-143");
        add(
                to,
                "revoked below the reached level",
                v5(v.level("UpToDate"), v.level(lower, pce, own, "Revoked")),
                "UpToDate");
    }

    private static Vendor v5(String... levels) {
        return sgx().levels(levels);
    }

    private static void quotingEnclaves(List<VendorCase> to) {
        for (EvidenceKind kind : new EvidenceKind[] {SGX_V3, SGX_V5, TDX_V4, TDX_V5_TD15}) {
            int svn = new Vendor(kind).qeSvn();
            String unknown = kind == SGX_V5 ? ENVELOPES : SAME;
            String of = kind.label() + ": quoting enclave ";
            addDifferent(
                    to,
                    of + "outdated",
                    new Vendor(kind).qeLevels(simple(svn, "OutOfDate", "SA-Q")),
                    "OutOfDate SA-Q",
                    unknown);
            add(to, of + "revoked", new Vendor(kind).qeLevels(simple(svn, "Revoked")), "ATT-143");
            add(to, of + "below all levels", new Vendor(kind).qeLevels(simple(svn + 1, "UpToDate")), "ATT-142");
            addDifferent(
                    to,
                    of + "levels from low to high",
                    new Vendor(kind).qeLevels(simple(svn - 1, "OutOfDate"), simple(svn, "UpToDate")),
                    "UpToDate",
                    kind == SGX_V5 ? ENVELOPES : FIRST_LEVEL);
            add(to, of + "of another signer", new Vendor(kind).qeSigner("22".repeat(32)), "ATT-139");
            addDifferent(
                    to,
                    of + "outdated on a platform in need of hardening",
                    new Vendor(kind)
                            .levels(new Vendor(kind).level("SWHardeningNeeded", "SA-2", "SA-1"))
                            .qeLevels(simple(svn, "OutOfDate", "SA-3", "SA-2")),
                    "OutOfDate SA-1 SA-2 SA-3",
                    unknown);
            addDifferent(
                    to,
                    of + "outdated on a platform in need of configuration",
                    new Vendor(kind)
                            .levels(new Vendor(kind).level("ConfigurationNeeded", "SA-1"))
                            .qeLevels(simple(svn, "OutOfDate")),
                    "OutOfDateConfigurationNeeded SA-1",
                    unknown);
        }
        add(
                to,
                "advisories of platform, module and quoting enclave",
                td().levels(td().level("SWHardeningNeeded", "SA-4", "SA-1"))
                        .modules(identity("TDX_01", zeros(48), simple(5, "UpToDate", "SA-3", "SA-1")))
                        .qeLevels(simple(5, "UpToDate", "SA-2")),
                "SWHardeningNeeded SA-1 SA-2 SA-3 SA-4");
    }

    private static void times(List<VendorCase> to) {
        Object[][] table = {
            // piece, life, too late, too early
            {Piece.LEAF, CERTIFICATE_LIFE, "ATT-114", "ATT-115"},
            {Piece.AUTHORITY, CERTIFICATE_LIFE, "ATT-114", "ATT-115"},
            {Piece.TCB_SIGNING, CERTIFICATE_LIFE, "ATT-114", "ATT-115"},
            {Piece.ROOT_CRL, LIST_LIFE, "ATT-119", "ATT-119"},
            {Piece.PCK_CRL, LIST_LIFE, "ATT-119", "ATT-119"},
            {Piece.TCB_INFO, LIST_LIFE, "ATT-127", "ATT-131"},
            {Piece.QE_IDENTITY, LIST_LIFE, "ATT-130", "ATT-131"},
        };
        for (Object[] row : table) {
            Piece piece = (Piece) row[0];
            Duration life = (Duration) row[1];
            // Certificates begin an hour before they are issued.
            Instant first = life.equals(CERTIFICATE_LIFE) ? AT.plusSeconds(3600) : AT;
            boolean list = piece == Piece.ROOT_CRL || piece == Piece.PCK_CRL;
            addDifferent(
                    to,
                    piece + " in its last second",
                    sgx().issued(piece, AT.minus(life)),
                    "UpToDate",
                    list ? LAST_SECOND : SAME);
            add(to, piece + " expired", sgx().issued(piece, AT.minus(life).minusSeconds(1)), (String) row[2]);
            add(to, piece + " in its first second", td15().issued(piece, first), "UpToDate");
            addDifferent(
                    to,
                    piece + " from the future",
                    td15().issued(piece, first.plusSeconds(1)),
                    (String) row[3],
                    list ? LIST_FROM_THE_FUTURE : SAME);
        }
    }
}
