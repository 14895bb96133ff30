package s3ml.attest;

import java.time.Duration;
import java.util.List;

/// The time in which a verified piece holds. Judged on every appraisal, never when the piece is read or kept.
///
/// @param claim what the piece is, for findings
/// @param from seconds since 1970, included
/// @param to seconds since 1970, included
record Window(Check early, Check late, String claim, long from, long to) {
    static Window ofCertificate(String claim, PkiCertificate certificate) {
        return new Window(
                Check.CHAIN_NOT_YET_VALID, Check.CHAIN_EXPIRED, claim, certificate.notBefore(), certificate.notAfter());
    }

    static Window ofList(String claim, RevocationList list) {
        return new Window(Check.CRL_EXPIRED, Check.CRL_EXPIRED, claim, list.thisUpdate(), list.nextUpdate());
    }

    static Window ofDocument(String claim, Check late, TcbInfo.Head head) {
        return new Window(Check.ISSUED_IN_FUTURE, late, claim, head.issued(), head.nextUpdate());
    }

    /// Adds a finding when `at` is outside. Certificates get no grace.
    void judge(long at, Duration grace, List<Finding> findings) {
        if (at < from) {
            findings.add(new Finding(early, claim, "valid from " + text(from), "used at " + text(at)));
        }
        long last = late == Check.CHAIN_EXPIRED ? to : to + grace.toSeconds();
        if (at > last) {
            findings.add(new Finding(late, claim, "used until " + text(last), "used at " + text(at)));
        }
    }

    private static String text(long seconds) {
        return java.time.Instant.ofEpochSecond(seconds).toString();
    }
}
