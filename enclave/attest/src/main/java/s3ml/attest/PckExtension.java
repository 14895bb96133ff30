package s3ml.attest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The SGX extension of a PCK certificate, OID 1.2.840.113741.1.13.1: the platform's identity and security versions.
/// Source: Intel SGX PCK certificate and certificate revocation list profile specification, section 1.3.5.
final class PckExtension {
    private static final byte[] SGX = Der.octetsOf(0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01);
    private static final int COMPONENTS = 16;

    private final int[] components = new int[COMPONENTS];
    private int pceSvn = -1;
    private byte @Nullable [] ppid;
    private byte @Nullable [] pceId;
    private byte @Nullable [] fmspc;
    private int sgxType = -1;
    private @Nullable PlatformIdentity platform;
    private PlatformIdentity.@Nullable Configuration configuration;

    private PckExtension() {}

    static PckExtension of(PkiCertificate leaf) throws Malformed {
        ByteView extension = leaf.sgxExtension();
        if (extension == null) {
            throw new Malformed("the PCK certificate has no SGX extension");
        }
        Der outer = new Der(extension.array(), extension.from(), extension.from() + extension.length());
        Der pairs = outer.enter(Der.SEQUENCE);
        outer.requireEnd();
        PckExtension result = new PckExtension();
        List<Integer> seen = new ArrayList<>();
        while (!pairs.atEnd()) {
            Der pair = pairs.enter(Der.SEQUENCE);
            int number = number(pair, SGX.length);
            if (seen.contains(number)) {
                throw new Malformed("the SGX extension names field " + number + " twice");
            }
            seen.add(number);
            result.field(number, pair);
        }
        return result.complete();
    }

    /// The last arc of an OID below the SGX extension's (or below one of its fields').
    private static int number(Der pair, int prefix) throws Malformed {
        ByteView oid = pair.enter(Der.OID).rest();
        if (oid.length() != prefix + 1 || !oid.view(0, SGX.length).contentEquals(SGX) || oid.u8(prefix) > 0x7f) {
            throw new Malformed("the SGX extension holds the foreign field " + oid.hex());
        }
        return oid.u8(prefix);
    }

    private void field(int number, Der pair) throws Malformed {
        switch (number) {
            case 1 -> ppid = pair.octets(16);
            case 2 -> tcb(pair.enter(Der.SEQUENCE));
            case 3 -> pceId = pair.octets(2);
            case 4 -> fmspc = pair.octets(6);
            case 5 -> sgxType = pair.number(Der.ENUMERATED, 2);
            case 6 -> pair.octets(16);
            case 7 -> configuration(pair.enter(Der.SEQUENCE));
            default -> throw new Malformed("the SGX extension holds the unknown field " + number);
        }
        pair.requireEnd();
    }

    private void tcb(Der pairs) throws Malformed {
        int next = 1;
        while (!pairs.atEnd()) {
            Der pair = pairs.enter(Der.SEQUENCE);
            int number = number(pair, SGX.length + 1);
            if (number != next) {
                throw new Malformed("the SGX extension's TCB is out of order at field " + number);
            }
            if (number <= COMPONENTS) {
                components[number - 1] = pair.number(Der.INTEGER, 0xff);
            } else if (number == COMPONENTS + 1) {
                pceSvn = pair.number(Der.INTEGER, 0xffff);
            } else {
                pair.octets(16);
            }
            pair.requireEnd();
            next++;
        }
        if (next != COMPONENTS + 3) {
            throw new Malformed("the SGX extension's TCB has " + (next - 1) + " fields, not 18");
        }
    }

    private void configuration(Der pairs) throws Malformed {
        boolean[] flags = new boolean[3];
        while (!pairs.atEnd()) {
            Der pair = pairs.enter(Der.SEQUENCE);
            int number = number(pair, SGX.length + 1);
            if (number < 1 || number > 3) {
                throw new Malformed("the SGX extension's configuration holds the unknown field " + number);
            }
            flags[number - 1] = pair.bool();
            pair.requireEnd();
        }
        configuration = new PlatformIdentity.Configuration(flags[0], flags[1], flags[2]);
    }

    private PckExtension complete() throws Malformed {
        if (ppid == null || pceId == null || fmspc == null || sgxType < 0 || pceSvn < 0) {
            throw new Malformed("the SGX extension lacks one of PPID, TCB, PCEID, FMSPC and SGX type");
        }
        platform = new PlatformIdentity(ppid, fmspc, pceId, sgxType, Optional.ofNullable(configuration));
        return this;
    }

    /// Security version of each of the 16 components.
    int component(int index) {
        return components[index];
    }

    int pceSvn() {
        return pceSvn;
    }

    PlatformIdentity platform() {
        if (platform == null) {
            throw new IllegalStateException("not read to the end");
        }
        return platform;
    }
}
