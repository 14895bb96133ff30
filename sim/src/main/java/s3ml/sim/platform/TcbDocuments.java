package s3ml.sim.platform;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Collectors;

/// TCB info (version 3), QE identities (version 2) and the list of TCB evaluation data numbers of the simulated
/// platform, as the text that Intel's PCS would serve: `{"tcbInfo":{...},"signature":"..."}`.
///
/// @param standing what the documents say about this platform
record TcbDocuments(PrivateKey signer, PlatformStanding standing, Instant issued) {
    /// As long as Intel's own documents live.
    static final Duration LIFE = Duration.ofDays(30);

    /// Well above the numbers of Intel's documents, for policies that set a minimum.
    static final int EVALUATION_DATA_NUMBER = 20;

    private static final String TCB_DATE = "2026-01-01T00:00:00Z";
    private static final String ZERO_SIGNER = "0".repeat(96);
    private static final String NO_ATTRIBUTES =
            "\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";

    String sgxTcbInfo() {
        return signed("tcbInfo", tcbInfo("SGX", "", ""));
    }

    String tdxTcbInfo() {
        String module = "\"mrsigner\":\"" + ZERO_SIGNER + "\"," + NO_ATTRIBUTES;
        String identities = "\"tdxModule\":{" + module + "},\"tdxModuleIdentities\":[{\"id\":\"TDX_01\"," + module
                + ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":" + Reports.TEE_TCB_SVN[0] + "},\"tcbDate\":\"" + TCB_DATE
                + "\",\"tcbStatus\":\"UpToDate\"}]}],";
        return signed(
                "tcbInfo", tcbInfo("TDX", identities, ",\"tdxtcbcomponents\":" + components(Reports.TEE_TCB_SVN)));
    }

    String qeIdentity() {
        return signed("enclaveIdentity", identity("QE", 1, Reports.QE_SVN));
    }

    String tdQeIdentity() {
        return signed("enclaveIdentity", identity("TD_QE", 2, Reports.TD_QE_SVN));
    }

    /// Of the enclave that verifies quotes on machines that have one.
    String qveIdentity() {
        return signed("enclaveIdentity", identity("QVE", 2, Reports.QE_SVN));
    }

    String evaluationDataNumbers(String tee) {
        return signed(
                "tcbEvaluationDataNumbers",
                "{\"id\":\"" + tee + "\",\"version\":1," + window()
                        + ",\"tcbEvalNumbers\":[{\"tcbEvaluationDataNumber\":"
                        + EVALUATION_DATA_NUMBER + ",\"tcbRecoveryEventDate\":\"" + TCB_DATE + "\",\"tcbDate\":\""
                        + TCB_DATE + "\"}]}");
    }

    private String tcbInfo(String tee, String afterNumbers, String moreComponents) {
        String advisories = standing.advisoryIds().isEmpty()
                ? ""
                : ",\"advisoryIDs\":"
                        + standing.advisoryIds().stream()
                                .map(id -> '"' + id + '"')
                                .collect(Collectors.joining(",", "[", "]"));
        return "{\"id\":\"" + tee + "\",\"version\":3," + window() + ",\"fmspc\":\"" + PlatformIdentity.fmspcHex()
                + "\",\"pceId\":\"" + HexFormat.of().formatHex(PlatformIdentity.PCE_ID)
                + "\",\"tcbType\":0,\"tcbEvaluationDataNumber\":" + EVALUATION_DATA_NUMBER + "," + afterNumbers
                + "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomponents\":" + components(PlatformIdentity.CPU_SVN)
                + ",\"pcesvn\":" + PlatformIdentity.PCE_SVN + moreComponents + "},\"tcbDate\":\"" + TCB_DATE
                + "\",\"tcbStatus\":\"" + standing.tcbStatus() + "\"" + advisories + "}]}";
    }

    private static String components(byte[] versions) {
        StringBuilder text = new StringBuilder("[");
        for (byte version : versions) {
            text.append(text.length() == 1 ? "" : ",")
                    .append("{\"svn\":")
                    .append(version & 0xff)
                    .append('}');
        }
        return text.append(']').toString();
    }

    private String identity(String id, int productId, int svn) {
        return "{\"id\":\"" + id + "\",\"version\":2," + window() + ",\"tcbEvaluationDataNumber\":"
                + EVALUATION_DATA_NUMBER
                + ",\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"11"
                + "0".repeat(30) + "\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\""
                + HexFormat.of().withUpperCase().formatHex(Reports.QE_SIGNER) + "\",\"isvprodid\":" + productId
                + ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":" + svn + "},\"tcbDate\":\"" + TCB_DATE
                + "\",\"tcbStatus\":\"UpToDate\"}]}";
    }

    private String window() {
        Instant start = issued.truncatedTo(ChronoUnit.SECONDS);
        return "\"issueDate\":\"" + start + "\",\"nextUpdate\":\"" + start.plus(LIFE) + "\"";
    }

    private String signed(String member, String value) {
        byte[] signature = Keys.signRaw(signer, value.getBytes(StandardCharsets.UTF_8));
        return "{\"" + member + "\":" + value + ",\"signature\":\""
                + HexFormat.of().formatHex(signature).toLowerCase(Locale.ROOT) + "\"}";
    }
}
