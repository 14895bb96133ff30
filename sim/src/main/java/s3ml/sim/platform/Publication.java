package s3ml.sim.platform;

import java.time.Instant;
import java.util.HexFormat;

/// One issue of everything that the simulated vendor publishes about the platform.
record Publication(Instant issued, Chains chains, Lists lists, Tcb tcb) {
    /// PEM; chains with the issuer first and the root last.
    record Chains(String pckLeaf, String pckIssuer, String tcbSigning) {}

    /// Certificate revocation lists, DER.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Lists(byte[] root, byte[] pck) {}

    /// Signed documents as text.
    record Tcb(String sgxTcbInfo, String tdxTcbInfo, Identities identities, EvaluationNumbers evaluationNumbers) {
        static Tcb of(TcbDocuments documents) {
            return new Tcb(
                    documents.sgxTcbInfo(),
                    documents.tdxTcbInfo(),
                    new Identities(documents.qeIdentity(), documents.tdQeIdentity(), documents.qveIdentity()),
                    new EvaluationNumbers(
                            documents.evaluationDataNumbers("SGX"), documents.evaluationDataNumbers("TDX")));
        }
    }

    /// Of the quoting enclaves for SGX and TDX, and of the quote verification enclave.
    record Identities(String qe, String tdQe, String qve) {}

    record EvaluationNumbers(String sgx, String tdx) {}

    String collateralJson(boolean tdx) {
        String tcbInfo = tdx ? tcb.tdxTcbInfo : tcb.sgxTcbInfo;
        String identity = tdx ? tcb.identities.tdQe : tcb.identities.qe;
        HexFormat hex = HexFormat.of();
        return "{" + member("pck_crl_issuer_chain", chains.pckIssuer) + ","
                + member("root_ca_crl", hex.formatHex(lists.root)) + ","
                + member("pck_crl", hex.formatHex(lists.pck)) + ","
                + member("tcb_info_issuer_chain", chains.tcbSigning) + ","
                + member("tcb_info", body("tcbInfo", tcbInfo)) + ","
                + member("tcb_info_signature", signature(tcbInfo)) + ","
                + member("qe_identity_issuer_chain", chains.tcbSigning) + ","
                + member("qe_identity", body("enclaveIdentity", identity)) + ","
                + member("qe_identity_signature", signature(identity)) + "}";
    }

    /// The exact text of the signed member, as [TcbDocuments] wrote it: between its name and the signature.
    private static String body(String name, String document) {
        return document.substring(("{\"" + name + "\":").length(), document.lastIndexOf(",\"signature\":\""));
    }

    private static String signature(String document) {
        String name = ",\"signature\":\"";
        return document.substring(document.lastIndexOf(name) + name.length(), document.length() - 2);
    }

    /// The values here hold no control characters but line feeds.
    private static String member(String name, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        return "\"" + name + "\":\"" + escaped + "\"";
    }
}
