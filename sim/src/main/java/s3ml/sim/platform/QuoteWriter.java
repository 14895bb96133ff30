package s3ml.sim.platform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.HexFormat;

/// Writes DCAP quotes as Intel's quoting enclaves do (Intel SGX ECDSA QuoteLibReference, appendix A; TDX the same with
/// versions 4 and 5): header, body, and the signature data with the QE's report and the PCK chain.
final class QuoteWriter {
    private static final byte[] INTEL_QE_VENDOR = HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607");
    private static final int ECDSA_P256 = 2;
    private static final int TEE_TYPE_TDX = 0x81;
    private static final int PCK_CHAIN = 5;
    private static final int QE_REPORT_CERTIFICATION = 6;

    private final KeyPair attestationKey;
    private final KeyPair pck;
    private final byte[] chain;
    private final byte[] qeId;

    /// @param chain PEM: PCK leaf, its CA, root
    QuoteWriter(KeyPair attestationKey, KeyPair pck, String chain, byte[] qeId) {
        this.attestationKey = attestationKey;
        this.pck = pck;
        this.chain = chain.getBytes(StandardCharsets.US_ASCII);
        this.qeId = qeId.clone();
    }

    byte[] quote(EvidenceKind kind, EnclaveIdentity enclave, byte[] reportData) {
        byte[] body = kind.tdx()
                ? Reports.td(enclave, reportData, kind == EvidenceKind.TDX_V5_TD15)
                : Reports.sgx(enclave, reportData);
        byte[] signed = Der.concat(header(kind), typedBody(kind, body));
        byte[] quoteSignature = Keys.signRaw(attestationKey.getPrivate(), signed);
        byte[] certification = certification(kind.tdx());
        byte[] tail = kind.version() == 3
                ? certification
                : Der.concat(littleEndian(QE_REPORT_CERTIFICATION, 2), sized(certification));
        byte[] signatureData = Der.concat(quoteSignature, Keys.point(attestationKey), tail);
        return Der.concat(signed, sized(signatureData));
    }

    private byte[] header(EvidenceKind kind) {
        ByteBuffer header = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(0, (short) kind.version());
        header.putShort(2, (short) ECDSA_P256);
        header.putInt(4, kind.tdx() ? TEE_TYPE_TDX : 0);
        if (kind.version() == 3) {
            header.putShort(8, (short) Reports.QE_SVN);
            header.putShort(10, (short) PlatformIdentity.PCE_SVN);
        }
        header.put(12, INTEL_QE_VENDOR);
        header.put(28, qeId);
        return header.array();
    }

    private static byte[] typedBody(EvidenceKind kind, byte[] body) {
        return kind.version() == 5 ? Der.concat(littleEndian(kind.bodyType(), 2), sized(body)) : body;
    }

    /// The QE's report over the attestation key, signed by the PCK, and the PCK's chain.
    private byte[] certification(boolean tdx) {
        byte[] authentication = new byte[32];
        for (int i = 0; i < authentication.length; i++) {
            authentication[i] = (byte) i;
        }
        byte[] binding = Keys.sha(256, Keys.point(attestationKey), authentication);
        byte[] report = Reports.quotingEnclave(tdx, binding);
        return Der.concat(
                report,
                Keys.signRaw(pck.getPrivate(), report),
                littleEndian(authentication.length, 2),
                authentication,
                littleEndian(PCK_CHAIN, 2),
                sized(chain));
    }

    private static byte[] sized(byte[] content) {
        return Der.concat(littleEndian(content.length, 4), content);
    }

    private static byte[] littleEndian(int value, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >>> (8 * i));
        }
        return bytes;
    }
}
