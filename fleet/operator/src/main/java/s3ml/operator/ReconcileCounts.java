package s3ml.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Counts of the operator's work in the Prometheus text format. Thread-safe.
final class ReconcileCounts implements Metrics {
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private volatile boolean leads;

    /// Told by the leader election.
    void leads(boolean now) {
        leads = now;
    }

    boolean leads() {
        return leads;
    }

    /// Reconciliations that ended well, since the start.
    long succeeded() {
        return succeeded.sum();
    }

    @Override
    public void reconciliationSucceeded(HasMetadata resource, Map<String, Object> metadata) {
        succeeded.increment();
    }

    @Override
    public void reconciliationFailed(
            HasMetadata resource, @Nullable RetryInfo retry, Exception cause, Map<String, Object> metadata) {
        failed.increment();
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        long began = System.nanoTime();
        try {
            return execution.execute();
        } finally {
            nanos.add(System.nanoTime() - began);
        }
    }

    /// The Prometheus text.
    String text() {
        return """
                # HELP s3ml_operator_reconciliations_total Reconciliations by result.
                # TYPE s3ml_operator_reconciliations_total counter
                s3ml_operator_reconciliations_total{result="succeeded"} %d
                s3ml_operator_reconciliations_total{result="failed"} %d
                # HELP s3ml_operator_reconciliation_seconds_total Time spent in reconciliations.
                # TYPE s3ml_operator_reconciliation_seconds_total counter
                s3ml_operator_reconciliation_seconds_total %.3f
                # HELP s3ml_operator_leads Whether this replica is the leader.
                # TYPE s3ml_operator_leads gauge
                s3ml_operator_leads %d
                """.formatted(succeeded.sum(), failed.sum(), nanos.sum() / 1e9, leads ? 1 : 0);
    }
}
