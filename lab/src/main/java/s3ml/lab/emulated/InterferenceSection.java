package s3ml.lab.emulated;

import static s3ml.lab.report.Figures.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import s3ml.lab.plot.Chart;
import s3ml.lab.plot.Series;
import s3ml.lab.report.Section;

/// The experiment with real servers as a section of a report.
public final class InterferenceSection {
    private static final double MOST_AGENT_SHARE = 0.01;

    private InterferenceSection() {}

    /// The section of a run.
    ///
    /// @param seconds measured per policy and scene
    public static Section of(InterferenceReport report, int seconds) {
        List<List<String>> rows = new ArrayList<>();
        long failed = 0;
        for (InterferenceReport.Row row : report.rows()) {
            for (FleetRun.Outcome outcome : row.outcomes()) {
                Double expected = report.forecast()
                        .getOrDefault(row.scene().label(), Map.of())
                        .get(outcome.policy().label());
                rows.add(List.of(
                        row.scene().label(),
                        outcome.policy().label(),
                        text("%.1f", outcome.goodput()),
                        text("%.2f %%", 100 * outcome.sloAttainment()),
                        expected == null ? "" : text("%.2f %%", 100 * expected),
                        text("%.1f", outcome.p99Millis()),
                        Long.toString(outcome.failed()),
                        text("%.0f", outcome.pagesPerSecond())));
                failed += outcome.policy() == RealPolicy.PAGING ? outcome.failed() : 0;
            }
        }
        return new Section(
                "Real servers on emulated hosts",
                "./s3ml lab interference --seconds " + seconds + " --seed " + report.seed(),
                "Three emulated hosts on this machine, each with an EPC of 10,000 pages and two model servers (processes, TLS, gRPC) of about"
                        + " 4,000 pages; agents and a control plane as processes. A neighbour of 4,000 pages beside which only one of the"
                        + " two has room, or a storm of enclaves that start, each of which adds its pages at once. Latency counts from when a"
                        + " request was due. The simulator, told the models' measured times, is off by "
                        + text("%.3f of the requests (mean). ", report.meanError())
                        + "All hosts share the processors of one machine, and the emulated paging takes processor time, so that the pressed"
                        + " host slows the others too. Under our policy " + failed
                        + " requests were not answered at all.",
                new Section.Table(
                        List.of(
                                "scene",
                                "policy",
                                "good/s",
                                "within objective",
                                "simulated",
                                "p99 ms",
                                "failed",
                                "pages/s on the first host"),
                        rows),
                Map.of("interference", chart(report)),
                List.of(new Section.Claim(
                        "an agent costs at most 1 % of a core",
                        report.agentShare() <= MOST_AGENT_SHARE,
                        text("%.2f %% of a core on average, at one sample a second", 100 * report.agentShare()))),
                report.json());
    }

    private static Chart chart(InterferenceReport report) {
        List<String> scenes =
                report.rows().stream().map(row -> row.scene().label()).toList();
        List<Series> series = new ArrayList<>();
        for (RealPolicy policy : RealPolicy.values()) {
            double[] shares = new double[report.rows().size()];
            boolean ran = false;
            for (int i = 0; i < shares.length; i++) {
                for (FleetRun.Outcome outcome : report.rows().get(i).outcomes()) {
                    if (outcome.policy() == policy) {
                        shares[i] = outcome.sloAttainment();
                        ran = true;
                    }
                }
            }
            if (ran) {
                series.add(Series.bars(policy.label(), shares));
            }
        }
        return Chart.bars("Answered within the objective, real servers", "share of requests", scenes, series);
    }
}
