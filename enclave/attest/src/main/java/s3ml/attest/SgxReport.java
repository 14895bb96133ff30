package s3ml.attest;

/// A report body of an SGX enclave, 384 bytes (Intel SGX DCAP ECDSA quote library API reference, appendix A.4).
public final class SgxReport implements QuoteBody {
    static final int BYTES = 384;

    private final ByteView view;

    SgxReport(ByteView view) {
        if (view.length() != BYTES) {
            throw new IllegalArgumentException("an SGX report has 384 bytes, not " + view.length());
        }
        this.view = view;
    }

    ByteView view() {
        return view;
    }

    /// The security version of microcode and loaded components, 16 bytes.
    public byte[] cpuSvn() {
        return view.copy(0, 16);
    }

    /// Bits that say which state is saved on an exit.
    public long miscSelect() {
        return view.u32(16);
    }

    /// Flags (8 bytes) and XFRM (8 bytes).
    public byte[] attributes() {
        return view.copy(48, 16);
    }

    ByteView attributesView() {
        return view.view(48, 16);
    }

    /// The digest of the enclave's code and data.
    public Measurement mrEnclave() {
        return Measurement.ofBytes(view.copy(64, 32));
    }

    /// The digest of the key that signed the enclave.
    public Measurement mrSigner() {
        return Measurement.ofBytes(view.copy(128, 32));
    }

    ByteView mrSignerView() {
        return view.view(128, 32);
    }

    /// The configuration that the enclave was started with, 64 bytes (with KSS).
    public byte[] configId() {
        return view.copy(192, 64);
    }

    /// The signer's number for the product, 0 to 65,535.
    public int isvProdId() {
        return view.u16(256);
    }

    /// The signer's security version, 0 to 65,535.
    public int isvSvn() {
        return view.u16(258);
    }

    /// The version of the configuration (with KSS), 0 to 65,535.
    public int configSvn() {
        return view.u16(260);
    }

    /// The extended product number (with KSS), 16 bytes.
    public byte[] isvExtProdId() {
        return view.copy(32, 16);
    }

    /// The product family (with KSS), 16 bytes.
    public byte[] isvFamilyId() {
        return view.copy(304, 16);
    }

    @Override
    public ReportData reportData() {
        return ReportData.of(view.copy(320, 64));
    }

    ByteView reportDataView() {
        return view.view(320, 64);
    }

    /// Attribute bit 1.
    @Override
    public boolean debug() {
        return (view.u8(48) & 2) != 0;
    }
}
