package s3ml.sim.platform;

import java.util.HexFormat;

/// What the simulated processor holds about a started enclave: the fields of its report that the loader decides.
///
public final class EnclaveIdentity {
    private static final int MAX_U16 = 0xffff;

    private final byte[] measurement;
    private final byte[] wideMeasurement;
    private final byte[] signer;
    private final int productId;
    private final int securityVersion;
    private final boolean debug;

    /// What is fixed by the enclave's contents.
    private EnclaveIdentity(byte[] measurement, byte[] wideMeasurement, Signed signed) {
        this.measurement = checked("measurement", measurement, 32);
        this.wideMeasurement = checked("wideMeasurement", wideMeasurement, 48);
        this.signer = signed.signer();
        this.productId = signed.productId();
        this.securityVersion = signed.securityVersion();
        this.debug = signed.debug();
    }

    /// The identity of an enclave with these contents, as its signer states it.
    ///
    /// @param measurement 32 bytes, MRENCLAVE: SHA-256 over the enclave's contents
    /// @param wideMeasurement 48 bytes, MRTD where the enclave is given TDX evidence: SHA-384 over the same contents
    public static EnclaveIdentity of(byte[] measurement, byte[] wideMeasurement, Signed signed) {
        return new EnclaveIdentity(measurement, wideMeasurement, signed);
    }

    /// What the signer states about an enclave.
    public static final class Signed {
        private final byte[] signer;
        private final int productId;
        private final int securityVersion;
        private final boolean debug;

        /// @param signer 32 bytes, MRSIGNER: SHA-256 of the signer's public key
        /// @param productId ISVPRODID, 0..65535
        /// @param securityVersion ISVSVN, 0..65535
        /// @param debug whether the DEBUG attribute is set: its memory is open to the host
        public Signed(byte[] signer, int productId, int securityVersion, boolean debug) {
            if (productId < 0 || productId > MAX_U16 || securityVersion < 0 || securityVersion > MAX_U16) {
                throw new IllegalArgumentException("productId and securityVersion must be 0..65535");
            }
            this.signer = checked("signer", signer, 32);
            this.productId = productId;
            this.securityVersion = securityVersion;
            this.debug = debug;
        }

        byte[] signer() {
            return signer.clone();
        }

        int productId() {
            return productId;
        }

        int securityVersion() {
            return securityVersion;
        }

        boolean debug() {
            return debug;
        }
    }

    private static byte[] checked(String name, byte[] value, int length) {
        if (value.length != length) {
            throw new IllegalArgumentException(name + " must be " + length + " bytes, not " + value.length);
        }
        return value.clone();
    }

    /// MRENCLAVE, copied.
    public byte[] measurement() {
        return measurement.clone();
    }

    /// MRTD, copied.
    public byte[] wideMeasurement() {
        return wideMeasurement.clone();
    }

    /// MRSIGNER, copied.
    public byte[] signer() {
        return signer.clone();
    }

    public int productId() {
        return productId;
    }

    public int securityVersion() {
        return securityVersion;
    }

    public boolean debug() {
        return debug;
    }

    @Override
    public String toString() {
        return "EnclaveIdentity[" + HexFormat.of().formatHex(measurement) + (debug ? ", debug]" : "]");
    }
}
