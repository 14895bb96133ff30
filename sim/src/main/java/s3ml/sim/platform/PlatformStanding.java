package s3ml.sim.platform;

import java.util.List;

/// How the platform stands with its simulated vendor: what its TCB info and revocation lists say about it.
///
/// @param tcbStatus as in TCB info, for example `UpToDate`
/// @param advisoryIds advisories of that TCB level, for example `INTEL-SA-00615`
/// @param pckRevoked whether the PCK certificate is on its CA's revocation list
public record PlatformStanding(String tcbStatus, List<String> advisoryIds, boolean pckRevoked) {
    /// Nothing is known against it.
    public static final PlatformStanding GOOD = new PlatformStanding("UpToDate", List.of(), false);

    public PlatformStanding {
        if (!tcbStatus.matches("[A-Za-z]{1,64}")) {
            throw new IllegalArgumentException("tcbStatus must be letters");
        }
        if (advisoryIds.stream().anyMatch(id -> !id.matches("[A-Z0-9-]{1,64}"))) {
            throw new IllegalArgumentException("advisoryIds must be capital letters, digits and hyphens");
        }
        advisoryIds = List.copyOf(advisoryIds);
    }
}
