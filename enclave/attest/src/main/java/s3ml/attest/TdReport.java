package s3ml.attest;

import java.util.Optional;

/// A report body of a TDX trust domain: TDX 1.0 (584 bytes), TDX 1.5 (648), or 1.5 extended (885).
/// Source: Intel TDX DCAP quoting library API reference, appendix A.3.
public final class TdReport implements QuoteBody {
    static final int BYTES_1_0 = 584;
    static final int BYTES_1_5 = 648;
    static final int BYTES_1_5_EX = 885;

    private final ByteView view;

    TdReport(ByteView view) {
        this.view = view;
    }

    ByteView view() {
        return view;
    }

    /// The security versions of the TDX module and its loader at launch, 16 bytes: number, major version, loader, then
    /// zeros.
    public byte[] teeTcbSvn() {
        return view.copy(0, 16);
    }

    /// The digest of the TDX module.
    public Measurement mrSeam() {
        return measurement(16);
    }

    /// The digest of the TDX module's signer: zeros for Intel's own.
    public Measurement mrSignerSeam() {
        return measurement(64);
    }

    /// Attributes of the TDX module, 8 bytes.
    public byte[] seamAttributes() {
        return view.copy(112, 8);
    }

    /// Attributes of the trust domain, 8 bytes; the lowest byte holds the bits under which it keeps no secret.
    public byte[] tdAttributes() {
        return view.copy(120, 8);
    }

    /// Extended features that the domain may use, 8 bytes.
    public byte[] xfam() {
        return view.copy(128, 8);
    }

    /// The digest of the domain's initial content.
    public Measurement mrTd() {
        return measurement(136);
    }

    /// What the owner configured without it being measured code.
    public Measurement mrConfigId() {
        return measurement(184);
    }

    /// The owner of the domain.
    public Measurement mrOwner() {
        return measurement(232);
    }

    /// The owner's configuration.
    public Measurement mrOwnerConfig() {
        return measurement(280);
    }

    /// A register which the domain extends at run time, `index` 0 to 3.
    public Measurement rtmr(int index) {
        if (index < 0 || index > 3) {
            throw new IllegalArgumentException("a trust domain has the run-time registers 0 to 3, not " + index);
        }
        return measurement(328 + 48 * index);
    }

    @Override
    public ReportData reportData() {
        return ReportData.of(view.copy(520, 64));
    }

    /// The TDX module's versions at the time of the report, 16 bytes (TDX 1.5).
    public Optional<byte[]> currentTeeTcbSvn() {
        return hasCurrentTcb() ? Optional.of(view.copy(584, 16)) : Optional.empty();
    }

    /// The digest of bound service TDs, for example for migration (TDX 1.5).
    public Optional<Measurement> mrServiceTd() {
        return hasCurrentTcb() ? Optional.of(measurement(600)) : Optional.empty();
    }

    boolean hasCurrentTcb() {
        return view.length() >= BYTES_1_5;
    }

    /// Any bit of the attributes' lowest byte ("TD under debug").
    @Override
    public boolean debug() {
        return view.u8(120) != 0;
    }

    private Measurement measurement(int at) {
        return Measurement.ofBytes(view.copy(at, Measurement.TDX_BYTES));
    }
}
