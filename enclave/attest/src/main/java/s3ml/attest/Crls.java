package s3ml.attest;

import java.util.Arrays;

/// The revocation lists of a platform's authorities, DER or PEM, before anything is verified. Immutable.
public final class Crls {
    private final String issuerChain;
    private final byte[] rootCrl;
    private final byte[] pckCrl;

    /// Copies the lists.
    ///
    /// @param issuerChain the certificates of the PCK list's issuer, PEM, as served; an appraisal takes the issuer from
    /// the
    ///     PCK certificate's chain instead
    /// @param rootCrl what the root revokes: authorities and signing certificates
    /// @param pckCrl what the platform authority revokes: PCK certificates
    public Crls(String issuerChain, byte[] rootCrl, byte[] pckCrl) {
        this.issuerChain = issuerChain;
        this.rootCrl = rootCrl.clone();
        this.pckCrl = pckCrl.clone();
    }

    public String issuerChain() {
        return issuerChain;
    }

    public byte[] rootCrl() {
        return rootCrl.clone();
    }

    public byte[] pckCrl() {
        return pckCrl.clone();
    }

    byte[] rootCrlBytes() {
        return rootCrl;
    }

    byte[] pckCrlBytes() {
        return pckCrl;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Crls that
                && Arrays.equals(rootCrl, that.rootCrl)
                && Arrays.equals(pckCrl, that.pckCrl)
                && issuerChain.equals(that.issuerChain);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(rootCrl) + Arrays.hashCode(pckCrl);
    }
}
