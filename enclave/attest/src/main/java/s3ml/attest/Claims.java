package s3ml.attest;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;

/// What genuine evidence says: about the code, the platform it runs on, and the root that vouches for both. Immutable.
public final class Claims {
    private final Quote quote;
    private final TcbState tcb;
    private final PlatformIdentity platform;
    private final Root root;

    Claims(Quote quote, TcbState tcb, PlatformIdentity platform, Root root) {
        this.quote = quote;
        this.tcb = tcb;
        this.platform = platform;
        this.root = root;
    }

    public TeeType teeType() {
        return quote.teeType();
    }

    /// The report itself, for whatever is not named here.
    public QuoteBody body() {
        return quote.body();
    }

    /// MRENCLAVE, or MRTD.
    public Measurement measurement() {
        return switch (quote.body()) {
            case SgxReport report -> report.mrEnclave();
            case TdReport report -> report.mrTd();
        };
    }

    /// MRSIGNER; trust domains have none.
    public Optional<Measurement> mrSigner() {
        return quote.body() instanceof SgxReport report ? Optional.of(report.mrSigner()) : Optional.empty();
    }

    /// The signer's product number; 0 for trust domains.
    public int isvProdId() {
        return quote.body() instanceof SgxReport report ? report.isvProdId() : 0;
    }

    /// The signer's security version; 0 for trust domains.
    public int isvSvn() {
        return quote.body() instanceof SgxReport report ? report.isvSvn() : 0;
    }

    public ReportData reportData() {
        return quote.reportData();
    }

    public TcbStatus tcbStatus() {
        return tcb.status();
    }

    /// The vendor's advisories that stay open at this TCB level, sorted.
    public List<String> advisoryIds() {
        return tcb.advisoryIds();
    }

    /// The oldest date of the TCB levels that the platform reaches.
    public Instant tcbDate() {
        return tcb.tcbDate();
    }

    /// The lower of the numbers under which the TCB information and the quoting enclave's identity were issued.
    public long tcbEvaluationDataNumber() {
        return tcb.evaluationDataNumber();
    }

    /// When the first piece of the collateral, or the first certificate, expires.
    public Instant validUntil() {
        return tcb.validUntil();
    }

    public boolean debug() {
        return quote.body().debug();
    }

    public PlatformIdentity platform() {
        return platform;
    }

    /// Whether the root is that of a platform which is no TEE.
    public boolean simulated() {
        return root.simulated();
    }

    /// The SHA-256 of the root certificate.
    public Digest rootFingerprint() {
        return root.fingerprint();
    }

    Quote quote() {
        return quote;
    }

    /// The claims as `s3ml verify --json` prints them.
    public JsonObject toJson() {
        JsonObject.Builder out = JsonObject.builder().put("tee", teeType().name());
        switch (quote.body()) {
            case SgxReport report ->
                out.put("mrEnclave", report.mrEnclave().hex())
                        .put("mrSigner", report.mrSigner().hex())
                        .put("isvProdId", report.isvProdId())
                        .put("isvSvn", report.isvSvn());
            case TdReport report -> {
                out.put("mrTd", report.mrTd().hex());
                for (int i = 0; i < 4; i++) {
                    out.put("rtmr" + i, report.rtmr(i).hex());
                }
                out.put("mrSeam", report.mrSeam().hex());
                out.put("mrConfigId", report.mrConfigId().hex());
            }
        }
        HexFormat hex = HexFormat.of();
        return out.put("reportData", reportData().hex())
                .put("debug", debug())
                .put("simulated", simulated())
                .put("tcbStatus", tcbStatus().text())
                .put("advisoryIds", JsonArray.ofStrings(advisoryIds()))
                .put("tcbDate", tcbDate().toString())
                .put("tcbEvaluationDataNumber", tcbEvaluationDataNumber())
                .put("validUntil", validUntil().toString())
                .put("fmspc", hex.formatHex(platform.fmspc()))
                .put("pceId", hex.formatHex(platform.pceId()))
                .put("rootFingerprint", rootFingerprint().hex())
                .build();
    }

    /// How the vendor judges the platform's firmware.
    record TcbState(
            TcbStatus status,
            List<String> advisoryIds,
            Instant tcbDate,
            long evaluationDataNumber,
            Instant validUntil) {
        TcbState {
            advisoryIds = List.copyOf(advisoryIds);
        }
    }

    /// The root that the chains end in.
    record Root(Digest fingerprint, boolean simulated) {}
}
