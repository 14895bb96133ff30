package s3ml.sim.platform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The bodies that a quote signs: SGX reports (384 bytes) and TD reports (584 and 648 bytes). Little-endian throughout.
final class Reports {
    static final int SGX_SIZE = 384;
    static final int TD10_SIZE = 584;
    static final int TD15_SIZE = 648;

    /// SECURITY_VERSION of the TDX module, its version, and of the late microcode.
    static final byte[] TEE_TCB_SVN = {5, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    static final int QE_SVN = 9;
    static final int TD_QE_SVN = 5;
    static final byte[] QE_SIGNER =
            Keys.sha(256, "s3ml simulated quoting enclave signer".getBytes(java.nio.charset.StandardCharsets.US_ASCII));

    private static final int SGX_INITIALISED_AND_64_BIT = 0x05;
    private static final int SGX_PROVISION_KEY = 0x10;
    private static final int SGX_DEBUG = 0x02;
    /// Features that enclaves run with: x87, SSE, AVX, AVX-512, PKRU.
    private static final byte[] XFRM = {(byte) 0xe7, 2, 0, 0, 0, 0, 0, 0};
    /// SEPT_VE_DISABLE, which verifiers expect of a TD: bit 28.
    private static final int TD_SEPT_VE_DISABLE = 0x10;
    private static final int TD_DEBUG = 0x01;

    private Reports() {}

    static byte[] sgx(EnclaveIdentity enclave, byte[] reportData) {
        return sgx(
                SGX_INITIALISED_AND_64_BIT | (enclave.debug() ? SGX_DEBUG : 0),
                new byte[][] {enclave.measurement(), enclave.signer()},
                enclave.productId(),
                enclave.securityVersion(),
                reportData);
    }

    /// The quoting enclave's own report, whose report data binds the attestation key.
    static byte[] quotingEnclave(boolean tdx, byte[] binding) {
        byte[] measurement = Keys.sha(256, new byte[] {(byte) (tdx ? 1 : 0)}, QE_SIGNER);
        byte[] reportData = ByteBuffer.allocate(64).put(binding).array();
        return sgx(
                SGX_INITIALISED_AND_64_BIT | SGX_PROVISION_KEY,
                new byte[][] {measurement, QE_SIGNER},
                tdx ? 2 : 1,
                tdx ? TD_QE_SVN : QE_SVN,
                reportData);
    }

    private static byte[] sgx(int flags, byte[][] measurementAndSigner, int productId, int svn, byte[] reportData) {
        ByteBuffer body = ByteBuffer.allocate(SGX_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        body.put(0, PlatformIdentity.CPU_SVN);
        body.put(48, (byte) flags);
        body.put(56, XFRM);
        body.put(64, measurementAndSigner[0]);
        body.put(128, measurementAndSigner[1]);
        body.putShort(256, (short) productId);
        body.putShort(258, (short) svn);
        body.put(320, reportData);
        return body.array();
    }

    /// A TD whose MRTD is the wide measurement; the run-time registers stay zero, as nothing is measured after the
    /// start.
    static byte[] td(EnclaveIdentity enclave, byte[] reportData, boolean td15) {
        ByteBuffer body = ByteBuffer.allocate(td15 ? TD15_SIZE : TD10_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        body.put(0, TEE_TCB_SVN);
        body.put(16, Keys.sha(384, "s3ml simulated TDX module".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        body.put(120, (byte) (enclave.debug() ? TD_DEBUG : 0));
        body.put(123, (byte) TD_SEPT_VE_DISABLE);
        body.put(128, XFRM);
        body.put(136, enclave.wideMeasurement());
        body.put(520, reportData);
        if (td15) {
            body.put(584, TEE_TCB_SVN);
        }
        return body.array();
    }
}
