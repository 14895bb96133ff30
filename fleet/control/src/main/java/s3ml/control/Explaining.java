package s3ml.control;

import io.grpc.stub.StreamObserver;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import s3ml.policy.HostDecision;
import s3ml.policy.HostReport;
import s3ml.policy.ModelProfile;
import s3ml.policy.PagingFit;
import s3ml.policy.ScaleDecision;
import s3ml.wire.fleet.ConsoleGrpc;
import s3ml.wire.fleet.ExplainRequest;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ModelExplanation;
import s3ml.wire.fleet.PagingRates;
import s3ml.wire.fleet.ReplicaReport;
import s3ml.wire.fleet.ReplicaWeight;

/// Answers which numbers led to which weight.
final class Explaining extends ConsoleGrpc.ConsoleImplBase {
    private static final double NANOS_PER_MILLI = 1e6;

    private final ControlLoop loop;

    Explaining(ControlLoop loop) {
        this.loop = loop;
    }

    @Override
    public void explain(ExplainRequest request, StreamObserver<Explanation> reply) {
        reply.onNext(explain(loop.last(), request.getHost()));
        reply.onCompleted();
    }

    static Explanation explain(ControlLoop.Decided decided, String only) {
        return explain(decided, only, decided.reports());
    }

    /// Everything that was decided, without the reports that it was decided from.
    static Explanation decisions(ControlLoop.Decided decided) {
        return explain(decided, "", Map.of());
    }

    private static Explanation explain(ControlLoop.Decided decided, String only, Map<String, HostReport> reports) {
        Explanation.Builder explanation = Explanation.newBuilder()
                .setAt(decided.weights().at().toString())
                .setLeader(true);
        Map<String, Integer> weights = decided.weights().replicaWeights();
        for (HostDecision host : decided.weights().hosts().values()) {
            if (only.isEmpty() || only.equals(host.host())) {
                explanation.addHosts(host(host, weights, reports.get(host.host())));
            }
        }
        if (only.isEmpty()) {
            decided.scale()
                    .models()
                    .values()
                    .forEach(model -> explanation.addModels(
                            model(model, decided.profiles().get(model.model()))));
        }
        return explanation.build();
    }

    private static HostExplanation host(HostDecision host, Map<String, Integer> weights, @Nullable HostReport report) {
        HostExplanation.Builder explanation =
                HostExplanation.newBuilder().setHost(host.host()).setWeight(host.weight());
        host.reasons().forEach(reason -> explanation.addReasons(reason.text()));
        for (HostDecision.ReplicaDecision replica : host.replicas()) {
            explanation.addReplicas(ReplicaWeight.newBuilder()
                    .setReplica(replica.replica())
                    .setModel(replica.model())
                    .setActive(replica.active())
                    .setWeight(weights.getOrDefault(replica.replica(), 0)));
        }
        if (report != null) {
            explanation
                    .setReport(report(report))
                    .setReportedAtUnixMillis(report.at().toEpochMilli());
        }
        return explanation.build();
    }

    private static s3ml.wire.fleet.HostReport report(HostReport report) {
        s3ml.wire.fleet.HostReport.Builder message = s3ml.wire.fleet.HostReport.newBuilder()
                .setCpuBusy(report.cpuBusy())
                .setProcessors(report.processors());
        if (report.paging() != null) {
            message.setPaging(PagingRates.newBuilder()
                    .setLoadedPerSecond(report.paging().loadedPerSecond())
                    .setEvictedPerSecond(report.paging().evictedPerSecond())
                    .setFreePages(report.paging().freePages())
                    .setTotalPages(report.paging().totalPages()));
        }
        report.replicas()
                .forEach(replica -> message.addReplicas(ReplicaReport.newBuilder()
                        .setReplica(replica.replica())
                        .setModel(replica.model())
                        .setArrivalsPerSecond(replica.arrivalsPerSecond())
                        .setOutstanding(replica.outstanding())
                        .setLatencyP99Nanos(replica.latencyP99().toNanos())));
        return message.build();
    }

    private static ModelExplanation model(ScaleDecision.ModelScale model, @Nullable ModelProfile profile) {
        ModelExplanation.Builder explanation =
                ModelExplanation.newBuilder().setModel(model.model()).setDesired(model.desired());
        model.actions()
                .forEach(action -> explanation.addActions(
                        switch (action) {
                            case ScaleDecision.Action.Start start -> "start on " + start.host();
                            case ScaleDecision.Action.Stop stop -> "stop " + stop.replica() + " on " + stop.host();
                        }));
        model.reasons().forEach(reason -> explanation.addReasons(reason.text()));
        if (profile != null) {
            explanation.setProfile(profile(profile));
        }
        return explanation.build();
    }

    private static ModelConfig profile(ModelProfile profile) {
        ModelConfig.Builder message = ModelConfig.newBuilder()
                .setName(profile.model())
                .setObjectiveMillis(profile.objective().toNanos() / NANOS_PER_MILLI)
                .setServiceMillis(profile.serviceTime().toNanos() / NANOS_PER_MILLI)
                .setWorkingSetPages(profile.workingSetPages());
        if (profile.fit() instanceof PagingFit.Predictive predictive) {
            message.setPagingThreshold(predictive.pagesPerSecond())
                    .setPagingThresholdLow(predictive.low())
                    .setPagingThresholdHigh(predictive.high());
        }
        return message.build();
    }
}
