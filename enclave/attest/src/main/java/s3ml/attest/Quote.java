package s3ml.attest;

import java.util.Objects;

/// A DCAP quote: SGX in the versions 3, 4 and 5, TDX in 4 and 5, certified by an ECDSA P-256 attestation key.
///
/// Reading a quote says nothing about its truth: that is the [Appraiser]'s. Bytes that follow the signature data are
/// common in real quotes; they are counted and otherwise ignored. Immutable.
public final class Quote {
    /// The largest quote read. The largest structure with a certificate chain takes about 5 KiB; GCE pads to 8,000
    /// bytes.
    public static final int LARGEST = 64 << 10;

    private final QuoteBody body;
    private final QuoteHeader header;
    private final QuoteSignature signature;
    private final ByteView signed;
    private final int trailing;

    Quote(QuoteHeader header, QuoteBody body, QuoteSignature signature, ByteView signed, int trailing) {
        this.header = header;
        this.body = body;
        this.signature = signature;
        this.signed = signed;
        this.trailing = trailing;
    }

    /// Reads a quote; the array is copied.
    ///
    /// @throws S3mlException with one of the codes `ATT-101` to `ATT-105`, naming the field
    public static Quote parse(byte[] bytes) {
        try {
            return QuoteParser.parse(bytes);
        } catch (Refusal refusal) {
            throw refusal.failure(
                    "could not read the quote", "hand over a DCAP quote of SGX or TDX, whole and unchanged");
        }
    }

    /// 3, 4 or 5.
    public int version() {
        return header.version();
    }

    public TeeType teeType() {
        return header.teeType();
    }

    /// Twenty bytes of the quoting enclave's; the first 16 identify it at a PCCS.
    public byte[] userData() {
        return header.userData().copy();
    }

    /// The quoting enclave's version as the header states it; zero in version 4 and later.
    public int qeSvn() {
        return header.qeSvn();
    }

    /// The provisioning enclave's version as the header states it; zero in version 4 and later.
    public int pceSvn() {
        return header.pceSvn();
    }

    public QuoteBody body() {
        return body;
    }

    public ReportData reportData() {
        return body.reportData();
    }

    /// The report of the enclave that made the quote.
    public SgxReport qeReport() {
        return signature.qeReport();
    }

    /// The attestation key: the point's X and Y, big-endian, 64 bytes.
    public byte[] attestationKey() {
        return signature.attestationKey().copy();
    }

    /// What the quoting enclave's report binds besides the attestation key.
    public byte[] authenticationData() {
        return signature.authData().copy();
    }

    /// 1 to 3: the platform's identifier, plain or encrypted; 4: the leaf certificate; 5: the certificate chain.
    public int certificationDataType() {
        return signature.certType();
    }

    public byte[] certificationData() {
        return signature.certData().copy();
    }

    /// How many bytes follow the signature data. They are not signed and mean nothing.
    public int trailingBytes() {
        return trailing;
    }

    QuoteSignature signature() {
        return signature;
    }

    ByteView signed() {
        return signed;
    }

    /// The quote's header.
    record QuoteHeader(int version, TeeType teeType, int qeSvn, int pceSvn, ByteView userData) {}

    /// The parts that sign the body.
    record QuoteSignature(
            ByteView quoteSignature,
            ByteView attestationKey,
            QeCertification certification,
            int certType,
            ByteView certData) {
        QuoteSignature {
            Objects.requireNonNull(certification, "certification");
        }

        SgxReport qeReport() {
            return certification.report();
        }

        ByteView authData() {
            return certification.authData();
        }

        /// All bytes from the attestation key to the end of the authentication data.
        ByteView certified() {
            ByteView end = authData();
            return new ByteView(end.array(), attestationKey.from(), end.from() + end.length() - attestationKey.from());
        }
    }

    /// How the platform certifies the attestation key.
    record QeCertification(SgxReport report, ByteView signature, ByteView authData) {}
}
