package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// The revocation lists of a platform's authorities, DER or PEM, before anything is verified. Immutable.
public final class Crls {
    private final String issuerChain;
    private final byte[] rootCrl;
    private final byte[] pckCrl;

    /// Copies the lists.
    ///
    /// @param issuerChain the certificates of the PCK list's issuer, PEM, as served; an appraisal takes the issuer from
    /// the PCK certificate's chain instead
    /// @param rootCrl what the root revokes: authorities and signing certificates
    /// @param pckCrl what the platform authority revokes: PCK certificates
    public Crls(String issuerChain, byte[] rootCrl, byte[] pckCrl) {
        this.issuerChain = issuerChain;
        this.rootCrl = rootCrl.clone();
        this.pckCrl = pckCrl.clone();
    }

    /// A list as services and files hold it, DER, PEM or the hexadecimal digits of DER (as a PCCS serves the root's),
    /// in one of the first two forms. What is neither comes back as it is: that it is no list is the appraisal's to
    /// say.
    static byte[] decoded(byte[] served) {
        // DER starts with the byte 0x30, which is the digit zero: hexadecimal digits of DER start with a three.
        if (served.length == 0 || served[0] != '3') {
            return served;
        }
        try {
            return HexFormat.of().parseHex(new String(served, StandardCharsets.ISO_8859_1).strip());
        } catch (IllegalArgumentException e) {
            return served;
        }
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
