package s3ml.attest;

import java.util.List;
import s3ml.attest.json.JsonObject;

/// The vendor's identity of a quoting enclave (Intel PCS API v4, version 2), read from a document whose signature is
/// verified elsewhere. Immutable.
///
/// @param id `QE` for SGX, `TD_QE` for TDX
/// @param head issue, expiry and evaluation number
/// @param isvProdId product number
/// @param fixed what the enclave's report must hold, in the bits of masks
/// @param levels highest first, at least one
record EnclaveIdentity(String id, TcbInfo.Head head, int isvProdId, Fixed fixed, List<TcbLevel.Simple> levels) {
    /// All of them in the order of the bytes in a report.
    record Fixed(
            ByteView miscSelect,
            ByteView miscSelectMask,
            ByteView attributes,
            ByteView attributesMask,
            ByteView mrSigner) {}

    static EnclaveIdentity read(JsonObject object) throws Malformed {
        long version = object.number("version");
        if (version != 2) {
            throw new Malformed("version " + version + "; 2 is known");
        }
        String id = object.string("id");
        if (!id.equals("QE") && !id.equals("TD_QE")) {
            throw new Malformed("the id is neither QE nor TD_QE");
        }
        return new EnclaveIdentity(
                id,
                TcbInfo.Head.read(object),
                TcbInfo.natural(object, "isvprodid", 0xffff),
                new Fixed(
                        TcbInfo.hex(object.string("miscselect"), 4),
                        TcbInfo.hex(object.string("miscselectMask"), 4),
                        TcbInfo.hex(object.string("attributes"), 16),
                        TcbInfo.hex(object.string("attributesMask"), 16),
                        TcbInfo.hex(object.string("mrsigner"), 32)),
                TcbInfo.simpleLevels(object.array("tcbLevels")));
    }

    /// Adds a finding for each field of the report that is not the identity's.
    void judge(SgxReport report, List<Finding> findings) {
        ByteView view = report.view();
        masked("miscSelect", view.view(16, 4), fixed.miscSelect, fixed.miscSelectMask, findings);
        masked("attributes", view.view(48, 16), fixed.attributes, fixed.attributesMask, findings);
        if (!report.mrSignerView().contentEquals(fixed.mrSigner)) {
            mismatch("mrSigner", fixed.mrSigner.hex(), report.mrSignerView().hex(), findings);
        }
        if (report.isvProdId() != isvProdId) {
            mismatch("isvProdId", isvProdId + "", report.isvProdId() + "", findings);
        }
    }

    private static void mismatch(String field, String expected, String actual, List<Finding> findings) {
        findings.add(new Finding(Check.QE_IDENTITY_MISMATCH, "quote.qeReport." + field, expected, actual));
    }

    private static void masked(
            String field, ByteView actual, ByteView expected, ByteView mask, List<Finding> findings) {
        for (int i = 0; i < actual.length(); i++) {
            if ((actual.u8(i) & mask.u8(i)) != expected.u8(i)) {
                mismatch(field, expected.hex() + " in the bits " + mask.hex(), actual.hex(), findings);
                return;
            }
        }
    }
}
