package s3ml.attest;

import s3ml.attest.Quote.QeCertification;
import s3ml.attest.Quote.QuoteHeader;
import s3ml.attest.Quote.QuoteSignature;

/// Reads quotes from bytes that may be hostile: every length is checked before it is used, in 64-bit arithmetic.
/// Source: Intel SGX and TDX DCAP API references, appendices "Quote format"; Intel's library decides where they are
/// vague.
final class QuoteParser {
    private static final int HEADER = 48;
    private static final int ECDSA_P256 = 2;
    private static final long TEE_SGX = 0;
    private static final long TEE_TDX = 0x81;
    private static final int SIGNATURE = 64;
    private static final int CERTIFICATION_OF_QE = 6;
    private static final byte[] INTEL_VENDOR = {
        (byte) 0x93,
        (byte) 0x9A,
        0x72,
        0x33,
        (byte) 0xF7,
        (byte) 0x9C,
        0x4C,
        (byte) 0xA9,
        (byte) 0x94,
        0x0A,
        0x0D,
        (byte) 0xB3,
        (byte) 0x95,
        0x7F,
        0x06,
        0x07
    };

    private final ByteView all;
    private int at;
    private int end;

    private QuoteParser(ByteView all) {
        this.all = all;
        this.end = all.length();
    }

    static Quote parse(byte[] bytes) throws Refusal {
        if (bytes.length > Quote.LARGEST) {
            throw layout("quote", "at most " + Quote.LARGEST + " bytes", bytes.length + " bytes");
        }
        return new QuoteParser(ByteView.of(bytes.clone())).quote();
    }

    private Quote quote() throws Refusal {
        QuoteHeader header = header();
        QuoteBody body = body(header);
        ByteView signed = all.view(0, at);
        long length = take(4, "quote.signatureLength").u32(0);
        if (length > end - at) {
            throw layout("quote.signatureLength", "at most the " + (end - at) + " bytes that follow", length + "");
        }
        end = at + (int) length;
        QuoteSignature signature = header.version() == 3 ? signature3() : signature4();
        return new Quote(header, body, signature, signed, all.length() - at);
    }

    private QuoteHeader header() throws Refusal {
        ByteView header = take(HEADER, "quote.header");
        int version = header.u16(0);
        if (version < 3 || version > 5) {
            throw new Refusal(Check.QUOTE_VERSION, "quote.header.version", "3, 4 or 5", version + "");
        }
        int keyType = header.u16(2);
        if (keyType != ECDSA_P256) {
            throw new Refusal(Check.QUOTE_KEY_TYPE, "quote.header.attestationKeyType", "2 (ECDSA P-256)", keyType + "");
        }
        long tee = header.u32(4);
        if (tee != TEE_SGX && (tee != TEE_TDX || version == 3)) {
            String known = version == 3 ? "0 (SGX)" : "0 (SGX) or 129 (TDX)";
            throw new Refusal(Check.QUOTE_TEE_TYPE, "quote.header.teeType", known, tee + "");
        }
        if (!header.view(12, 16).contentEquals(INTEL_VENDOR)) {
            throw new Refusal(
                    Check.QUOTE_VENDOR,
                    "quote.header.qeVendorId",
                    ByteView.of(INTEL_VENDOR).hex(),
                    header.view(12, 16).hex());
        }
        TeeType type = tee == TEE_TDX ? TeeType.TDX : TeeType.SGX;
        return new QuoteHeader(version, type, header.u16(8), header.u16(10), header.view(28, 20));
    }

    private QuoteBody body(QuoteHeader header) throws Refusal {
        if (header.version() < 5) {
            return header.teeType() == TeeType.SGX
                    ? new SgxReport(take(SgxReport.BYTES, "quote.body"))
                    : new TdReport(take(TdReport.BYTES_1_0, "quote.body"));
        }
        ByteView descriptor = take(6, "quote.bodyDescriptor");
        int type = descriptor.u16(0);
        int size = switch (type) {
            case 1 -> SgxReport.BYTES;
            case 2 -> TdReport.BYTES_1_0;
            case 3 -> TdReport.BYTES_1_5;
            case 4 -> TdReport.BYTES_1_5_EX;
            default -> throw layout("quote.bodyType", "1 to 4", type + "");
        };
        if (descriptor.u32(2) != size) {
            throw layout("quote.bodySize", size + " for body type " + type, descriptor.u32(2) + "");
        }
        if ((type == 1) != (header.teeType() == TeeType.SGX)) {
            throw new Refusal(
                    Check.QUOTE_TEE_TYPE, "quote.bodyType", "one of " + header.teeType(), "body type " + type);
        }
        ByteView body = take(size, "quote.body");
        return type == 1 ? new SgxReport(body) : new TdReport(body);
    }

    /// Version 3: the certification follows the attestation key directly. Intel accepts bytes between its end and that
    /// of the signature data; so do we, and count them with the trailing ones.
    private QuoteSignature signature3() throws Refusal {
        ByteView signature = take(SIGNATURE, "quote.signature");
        ByteView key = take(SIGNATURE, "quote.attestationKey");
        return certified(signature, key);
    }

    /// Versions 4 and 5: the certification is itself certification data, of type 6, and must fill it.
    private QuoteSignature signature4() throws Refusal {
        ByteView signature = take(SIGNATURE, "quote.signature");
        ByteView key = take(SIGNATURE, "quote.attestationKey");
        int type = take(2, "quote.certificationDataType").u16(0);
        if (type != CERTIFICATION_OF_QE) {
            throw layout("quote.certificationDataType", "6 (quoting enclave report)", type + "");
        }
        long length = take(4, "quote.certificationDataLength").u32(0);
        if (length > end - at) {
            throw layout("quote.certificationDataLength", "at most " + (end - at), length + "");
        }
        end = at + (int) length;
        QuoteSignature result = certified(signature, key);
        if (at != end) {
            throw layout("quote.certificationDataLength", length - (end - at) + "", length + "");
        }
        return result;
    }

    private QuoteSignature certified(ByteView signature, ByteView key) throws Refusal {
        SgxReport qeReport = new SgxReport(take(SgxReport.BYTES, "quote.qeReport"));
        ByteView qeSignature = take(SIGNATURE, "quote.qeReportSignature");
        ByteView authData = take(take(2, "quote.qeAuthDataLength").u16(0), "quote.qeAuthData");
        int type = take(2, "quote.certificationDataType").u16(0);
        long length = take(4, "quote.certificationDataLength").u32(0);
        if (type < 1 || type > 5) {
            throw layout("quote.certificationDataType", "1 to 5", type + "");
        }
        if (length > end - at) {
            throw layout("quote.certificationDataLength", "at most " + (end - at), length + "");
        }
        ByteView data = take((int) length, "quote.certificationData");
        return new QuoteSignature(signature, key, new QeCertification(qeReport, qeSignature, authData), type, data);
    }

    private ByteView take(int count, String claim) throws Refusal {
        if (count > end - at) {
            throw layout(claim, count + " bytes", (end - at) + " bytes before the end");
        }
        ByteView view = all.view(at, count);
        at += count;
        return view;
    }

    private static Refusal layout(String claim, String expected, String actual) {
        return new Refusal(Check.QUOTE_LAYOUT, claim, expected, actual);
    }
}
