package s3ml.policy;

import org.jspecify.annotations.Nullable;

/// A host about to be decided: what it was, what it says, how bad that is.
///
/// @param previous its last decision; null for a new host
/// @param report its report if usable
/// @param ignored why the report is not usable; empty if it is
record Candidate(
        Host host,
        @Nullable HostDecision previous,
        @Nullable HostReport report,
        String ignored,
        Pressure pressure) {
    static final Pressure.Signals NO_SIGNALS =
            new Pressure.Signals(0, Double.POSITIVE_INFINITY, Pressure.UNKNOWN, Pressure.UNKNOWN);

    static Candidate of(Host host, @Nullable HostDecision previous, ReportVetting.Vetted vetted, Pressure pressure) {
        return switch (vetted) {
            case ReportVetting.Vetted.Usable usable -> new Candidate(host, previous, usable.report(), "", pressure);
            case ReportVetting.Vetted.Ignored ignored -> new Candidate(host, previous, null, ignored.why(), pressure);
        };
    }

    /// Usable pages of the host; without a paging source nothing is known to limit it.
    long totalPages() {
        return report == null || report.paging() == null
                ? Long.MAX_VALUE
                : report.paging().totalPages();
    }

    long freePages() {
        return report == null || report.paging() == null ? 0 : report.paging().freePages();
    }
}
