package s3ml.attest;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import s3ml.attest.TcbLevel.Statement;

/// Finds the vendor's levels that a platform reaches and merges what is said of them, as Intel's library does.
final class TcbJudge {
    private static final Set<TcbStatus> OUTDATED =
            EnumSet.of(TcbStatus.OUT_OF_DATE, TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED);

    private final TcbInfo info;
    private final PckExtension pck;
    private final SgxReport qeReport;
    private final EnclaveIdentity qeIdentity;

    TcbJudge(TcbInfo info, PckExtension pck, EnclaveIdentity qeIdentity, SgxReport qeReport) {
        this.info = info;
        this.pck = pck;
        this.qeIdentity = qeIdentity;
        this.qeReport = qeReport;
    }

    Statement judge(QuoteBody body) throws Refusal {
        Statement result = switch (body) {
            case SgxReport report -> converge(platform(null), List.of(quotingEnclave()));
            case TdReport report -> trustDomain(report);
        };
        if (result.status() == TcbStatus.REVOKED) {
            throw new Refusal(Check.TCB_REVOKED, "tcb.status", "any other than Revoked", "Revoked");
        }
        return result;
    }

    private Statement trustDomain(TdReport report) throws Refusal {
        ByteView atLaunch = report.view().view(0, 16);
        requireModule(atLaunch, report);
        Statement launch = trustDomain(atLaunch);
        if (!report.hasCurrentTcb()) {
            return launch;
        }
        Statement current = trustDomain(report.view().view(584, 16));
        if (launch.status() == TcbStatus.REVOKED) {
            return launch;
        }
        boolean currentOutdated = OUTDATED.contains(current.status());
        boolean launchOutdated = OUTDATED.contains(launch.status());
        if (current.status() == TcbStatus.REVOKED || (currentOutdated && !launchOutdated)) {
            throw new Refusal(
                    Check.CURRENT_TCB,
                    "tcb.current",
                    launch.status() + " as at launch",
                    current.status().text());
        }
        return launchOutdated && !currentOutdated ? relaunch(launch, current) : launch;
    }

    private static Statement relaunch(Statement launch, Statement current) {
        boolean configuration = launch.status() == TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED
                || current.status() == TcbStatus.CONFIGURATION_NEEDED
                || current.status() == TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED;
        return new Statement(
                configuration ? TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED : TcbStatus.TD_RELAUNCH_ADVISED,
                launch.tcbDate(),
                launch.advisoryIds());
    }

    private Statement trustDomain(ByteView teeTcbSvn) throws Refusal {
        List<Statement> parts = new ArrayList<>();
        if (teeTcbSvn.u8(1) > 0) {
            parts.add(reached(module(teeTcbSvn).levels(), teeTcbSvn.u8(0), "tcb.tdxModule"));
        }
        parts.add(quotingEnclave());
        return converge(platform(teeTcbSvn), parts);
    }

    private void requireModule(ByteView teeTcbSvn, TdReport report) throws Refusal {
        TcbInfo.TdxModule module = module(teeTcbSvn);
        ByteView signer = report.view().view(64, 48);
        if (!signer.contentEquals(module.mrSigner())) {
            throw new Refusal(
                    Check.TDX_MODULE,
                    "quote.body.mrSignerSeam",
                    module.mrSigner().hex(),
                    signer.hex());
        }
        ByteView attributes = report.view().view(112, 8);
        if (!attributes.isZero(0, 8) || !attributes.contentEquals(module.attributes())) {
            throw new Refusal(
                    Check.TDX_MODULE,
                    "quote.body.seamAttributes",
                    "zeros, and " + module.attributes().hex(),
                    attributes.hex());
        }
    }

    private TcbInfo.TdxModule module(ByteView teeTcbSvn) throws Refusal {
        int version = teeTcbSvn.u8(1);
        String id = version == 0 ? "" : String.format(Locale.ROOT, "TDX_%02X", version);
        for (TcbInfo.TdxModule module : info.modules()) {
            if (module.id().equals(id)) {
                return module;
            }
        }
        throw new Refusal(Check.TDX_MODULE, "quote.body.teeTcbSvn", "a module the vendor names", id);
    }

    private Statement platform(@org.jspecify.annotations.Nullable ByteView teeTcbSvn) throws Refusal {
        for (TcbLevel level : info.levels()) {
            if (level.reachedBy(pck) && (teeTcbSvn == null || level.reachedBy(teeTcbSvn))) {
                return level.statement();
            }
        }
        throw new Refusal(
                Check.TCB_UNSUPPORTED,
                "tcb.platform",
                "at least the lowest of " + info.levels().size() + " levels",
                "below all");
    }

    private Statement quotingEnclave() throws Refusal {
        return reached(qeIdentity.levels(), qeReport.isvSvn(), "tcb.quotingEnclave");
    }

    private static Statement reached(List<TcbLevel.Simple> levels, int version, String claim) throws Refusal {
        for (TcbLevel.Simple level : levels) {
            if (level.isvSvn() <= version) {
                return level.statement();
            }
        }
        throw new Refusal(Check.TCB_UNSUPPORTED, claim, "at least the lowest level", "version " + version);
    }

    /// An outdated or revoked part makes the whole outdated or revoked; what is said beyond that of the platform stays.
    private static Statement converge(Statement platform, List<Statement> parts) {
        TcbStatus status = platform.status();
        Set<String> advisories = new TreeSet<>(platform.advisoryIds());
        long date = platform.tcbDate();
        boolean outdated = false;
        boolean revoked = status == TcbStatus.REVOKED;
        for (Statement part : parts) {
            outdated |= part.status() == TcbStatus.OUT_OF_DATE;
            revoked |= part.status() == TcbStatus.REVOKED;
            advisories.addAll(part.advisoryIds());
            date = Math.min(date, part.tcbDate());
        }
        if (revoked) {
            status = TcbStatus.REVOKED;
        } else if (outdated) {
            status = outdated(status);
        }
        return new Statement(status, date, List.copyOf(advisories));
    }

    private static TcbStatus outdated(TcbStatus platform) {
        return switch (platform) {
            case UP_TO_DATE, SW_HARDENING_NEEDED -> TcbStatus.OUT_OF_DATE;
            case CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED ->
                TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED;
            case OUT_OF_DATE,
                    OUT_OF_DATE_CONFIGURATION_NEEDED,
                    TD_RELAUNCH_ADVISED,
                    TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
                    REVOKED -> platform;
        };
    }
}
