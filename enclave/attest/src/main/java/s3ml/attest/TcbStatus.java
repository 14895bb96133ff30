package s3ml.attest;

import java.util.List;
import java.util.Optional;

/// What the vendor says about the firmware and microcode that the evidence was made with (Intel PCS API v4,
/// `tcbStatus`), and the two results of a TD that was started on an older module than the one that runs now.
public enum TcbStatus {
    UP_TO_DATE("UpToDate"),
    SW_HARDENING_NEEDED("SWHardeningNeeded"),
    CONFIGURATION_NEEDED("ConfigurationNeeded"),
    CONFIGURATION_AND_SW_HARDENING_NEEDED("ConfigurationAndSWHardeningNeeded"),
    OUT_OF_DATE("OutOfDate"),
    OUT_OF_DATE_CONFIGURATION_NEEDED("OutOfDateConfigurationNeeded"),
    TD_RELAUNCH_ADVISED("TDRelaunchAdvised"),
    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED("TDRelaunchAdvisedConfigurationNeeded"),
    REVOKED("Revoked");

    private static final List<TcbStatus> ALL = List.of(values());

    private final String text;

    TcbStatus(String text) {
        this.text = text;
    }

    /// The status as the vendor writes it, for example `UpToDate`.
    public String text() {
        return text;
    }

    /// The status that the vendor writes so, exactly; empty for any other text.
    public static Optional<TcbStatus> parse(String text) {
        for (TcbStatus status : ALL) {
            if (status.text.equals(text)) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return text;
    }
}
