package s3ml.sim.platform;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Who the simulated machine is, as its PCK certificate states it: the SGX extension 1.2.840.113741.1.13.1.
///
/// The identifiers derive from the platform's secret, as they would from its fuses.
final class PlatformIdentity {
    /// Family-model-stepping-platform: "S3ML" in ASCII and a number, which no Intel processor has.
    static final byte[] FMSPC = {'S', '3', 'M', 'L', 0, 1};

    static final byte[] PCE_ID = new byte[2];
    static final int PCE_SVN = 13;
    /// The sixteen TCB components of the processor; quote bodies repeat them as CPUSVN.
    static final byte[] CPU_SVN = {8, 8, 3, 3, 3, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0};

    private static final String SGX = "1.2.840.113741.1.13.1";
    private static final int SCALABLE = 1;

    private final byte[] secret;

    PlatformIdentity(byte[] secret) {
        this.secret = secret.clone();
    }

    byte[] qeId() {
        return derive("QE identifier");
    }

    byte[] ppid() {
        return derive("PPID");
    }

    private byte[] derive(String label) {
        return Keys.firstBytes(Keys.hmac(secret, ("s3ml simulated " + label).getBytes(StandardCharsets.US_ASCII)), 16);
    }

    static String fmspcHex() {
        return HexFormat.of().withUpperCase().formatHex(FMSPC);
    }

    /// The DER value of the SGX extension, as of a multi-package platform.
    byte[] sgxExtension() {
        byte[][] tcb = new byte[18][];
        for (int i = 0; i < 16; i++) {
            tcb[i] = member(".2." + (i + 1), Der.integer(CPU_SVN[i]));
        }
        tcb[16] = member(".2.17", Der.integer(PCE_SVN));
        tcb[17] = member(".2.18", Der.octets(CPU_SVN));
        return Der.sequence(
                member(".1", Der.octets(ppid())),
                member(".2", Der.sequence(tcb)),
                member(".3", Der.octets(PCE_ID)),
                member(".4", Der.octets(FMSPC)),
                member(".5", Der.enumerated(SCALABLE)),
                member(".6", Der.octets(derive("platform instance identifier"))),
                member(
                        ".7",
                        Der.sequence(
                                member(".7.1", Der.bool(true)),
                                member(".7.2", Der.bool(false)),
                                member(".7.3", Der.bool(true)))));
    }

    private static byte[] member(String suffix, byte[] value) {
        return Der.sequence(Der.oid(SGX + suffix), value);
    }
}
