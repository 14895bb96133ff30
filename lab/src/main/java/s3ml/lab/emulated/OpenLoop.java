package s3ml.lab.emulated;

import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import s3ml.policy.Picker;
import s3ml.policy.WeightDecision;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelInferResponse;

/// Clients of one model who come whether or not the servers keep up (Poisson), and a data plane that steers each of
/// their requests. A latency counts from when the request was due, so that a late sender hides nothing. Thread-safe.
final class OpenLoop {
    /// A client gives up after this many objectives.
    private static final int DEADLINE_OBJECTIVES = 3;

    private final List<Channel> replicas;
    private final ModelInferRequest request;
    private final Duration objective;
    private final Object lock = new Object();
    private final int[] outstanding;
    private int[] weights;

    /// @param replicas a connection to each
    OpenLoop(List<Channel> replicas, ModelInferRequest request, Duration objective) {
        this.replicas = List.copyOf(replicas);
        this.request = request;
        this.objective = objective;
        this.outstanding = new int[replicas.size()];
        this.weights = new int[replicas.size()];
        Arrays.fill(weights, WeightDecision.FULL_WEIGHT);
    }

    private static final class Tally {
        private final List<Double> millis = new ArrayList<>();
        private long offered;
        private long failed;
    }

    /// What came of a run.
    ///
    /// @param offered requests that were due
    /// @param good answered within the objective
    /// @param failed not answered in time at all
    /// @param millis of all requests, sorted; those that failed as the longest that a client waits
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Result(long offered, long good, long failed, double[] millis) {
        Result {
            millis = millis.clone();
        }

        double quantile(double share) {
            return millis.length == 0 ? 0 : millis[(int) Math.min(millis.length - 1, share * millis.length)];
        }

        @Override
        public double[] millis() {
            return millis.clone();
        }
    }

    /// Requests on their way now.
    int outstanding() {
        synchronized (lock) {
            return Arrays.stream(outstanding).sum();
        }
    }

    void weights(int[] changed) {
        synchronized (lock) {
            weights = changed.clone();
        }
    }

    /// Sends for a while, then waits for the answers.
    ///
    /// @param rate requests a second
    Result run(double rate, Duration time, Picker picker, SplittableRandom random) throws InterruptedException {
        Tally own = new Tally();
        long began = System.nanoTime();
        double due = 0;
        while (true) {
            due += -Math.log(1 - random.nextDouble()) / rate;
            long at = began + (long) (due * 1e9);
            if (at - began > time.toNanos()) {
                break;
            }
            for (long wait = at - System.nanoTime(); wait > 0; wait = at - System.nanoTime()) {
                LockSupport.parkNanos(wait);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            send(at, picker, own);
        }
        return result(own, System.nanoTime() + DEADLINE_OBJECTIVES * objective.toNanos());
    }

    private void send(long dueAt, Picker picker, Tally own) {
        int picked;
        synchronized (lock) {
            own.offered++;
            picked = picker.pick(weights, outstanding);
            outstanding[picked]++;
        }
        GRPCInferenceServiceGrpc.newStub(replicas.get(picked))
                .withDeadlineAfter(DEADLINE_OBJECTIVES * objective.toNanos(), TimeUnit.NANOSECONDS)
                .modelInfer(request, new StreamObserver<>() {
                    @Override
                    public void onNext(ModelInferResponse response) {
                        ended((System.nanoTime() - dueAt) / 1e6);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        ended(Double.POSITIVE_INFINITY);
                    }

                    @Override
                    public void onCompleted() {
                        // The answer was counted when it came.
                    }

                    private void ended(double millis) {
                        synchronized (lock) {
                            outstanding[picked]--;
                            if (Double.isInfinite(millis)) {
                                own.failed++;
                            } else {
                                own.millis.add(millis);
                            }
                        }
                    }
                });
    }

    private Result result(Tally own, long deadline) throws InterruptedException {
        while (System.nanoTime() - deadline < 0) {
            synchronized (lock) {
                if (own.millis.size() + own.failed >= own.offered) {
                    break;
                }
            }
            Thread.sleep(5);
        }
        synchronized (lock) {
            double[] sorted = new double[Math.toIntExact(own.offered)];
            Arrays.fill(sorted, DEADLINE_OBJECTIVES * objective.toNanos() / 1e6);
            for (int i = 0; i < own.millis.size(); i++) {
                sorted[i] = own.millis.get(i);
            }
            Arrays.sort(sorted);
            double most = objective.toNanos() / 1e6;
            long good = Arrays.stream(sorted).filter(millis -> millis <= most).count();
            return new Result(own.offered, good, own.offered - own.millis.size(), sorted);
        }
    }
}
