package s3ml.server.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.server.tensor.OutputTensor;

/// The one thread that runs models, and the bounded queues before it.
///
/// One thread for all models: each run already uses every core by TensorFlow Lite's own threads, and a second run
/// beside it
/// would only slow both and double the memory. Models with waiting requests take turns. Thread-safe.
public final class InferenceEngine implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Map<ServedModel, ModelQueue> queues = new HashMap<>();
    private final Deque<ModelQueue> turns = new ArrayDeque<>();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final long queuedBytesLimit;
    private final ModelUse use;
    private final Thread thread;
    private long queuedBytes;
    private int running;
    private boolean stopping;

    /// Starts the thread.
    ///
    /// @param queuedBytesLimit bytes that waiting requests may hold together; further ones are refused
    /// @param use told of each run
    public InferenceEngine(long queuedBytesLimit, ModelUse use) {
        this.queuedBytesLimit = queuedBytesLimit;
        this.use = use;
        // Native calls would pin a virtual thread's carrier.
        this.thread = Thread.ofPlatform().name("inference").start(this::serve);
    }

    /// Makes a model take requests; the engine's thread owns its interpreter from now on.
    public void attach(ServedModel model) {
        use.attached(model.spec().name());
        lock.lock();
        try {
            queues.put(model, new ModelQueue(model));
        } finally {
            lock.unlock();
        }
    }

    /// Answers what waits for the model, then closes it; new requests for it are refused at once.
    ///
    /// @return done when its memory is given back
    public CompletableFuture<Void> detach(ServedModel model) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        lock.lock();
        try {
            ModelQueue queue = queues.get(model);
            if (queue == null) {
                closed.complete(null);
                return closed;
            }
            queue.whenEmpty(() -> {
                queues.remove(model);
                model.close();
                use.detached(model.spec().name());
                closed.complete(null);
            });
            if (queue.isEmpty()) {
                tasks.add(queue::finish);
            }
            work.signal();
        } finally {
            lock.unlock();
        }
        return closed;
    }

    /// Takes the request over; its answer comes from another thread, or at once when it is refused.
    public void submit(ServedModel model, InferenceRequest request, Answer answer) {
        @Nullable RequestRefused refused = null;
        try {
            enqueue(model, new Pending(request, model.check(request), answer, System.nanoTime()));
        } catch (RequestRefused refusal) {
            refused = refusal;
        }
        if (refused != null) {
            model.statistics().failed(0);
            request.close();
            answer.refuse(refused);
        }
    }

    private void enqueue(ServedModel model, Pending pending) {
        long bytes = pending.request().inputBytes();
        lock.lock();
        try {
            ModelQueue queue = queues.get(model);
            if (queue == null || queue.ending() || stopping) {
                throw new RequestRefused(Fault.MODEL_NOT_READY, "the model is being unloaded");
            }
            long wait = expectedWaitNanos(queue);
            if (queue.isFull() || queuedBytes + bytes > queuedBytesLimit) {
                throw RequestRefused.overloaded("too many requests are waiting", Duration.ofNanos(wait));
            }
            if (wait > pending.request().deadlineNanos() - pending.since()) {
                throw RequestRefused.overloaded(
                        "too many requests are waiting for the time you allow", Duration.ofNanos(wait));
            }
            queuedBytes += bytes;
            if (queue.add(pending)) {
                turns.add(queue);
            }
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /// How long a request that joins `queue` now will wait, by the last runs. Called with the lock. Models take turns,
    /// so
    /// while this queue is served another one is served as often, if it has as many.
    private long expectedWaitNanos(ModelQueue queue) {
        long wait = 0;
        for (ModelQueue turn : turns) {
            wait += turn.nanosPerRequest() * Math.min(turn.size(), queue.size());
        }
        return wait;
    }

    /// Requests that wait for a model now.
    public int waiting(ServedModel model) {
        lock.lock();
        try {
            ModelQueue queue = queues.get(model);
            return queue == null ? 0 : queue.size();
        } finally {
            lock.unlock();
        }
    }

    /// Requests that wait or run, of all models.
    public int pending() {
        lock.lock();
        try {
            return running + turns.stream().mapToInt(ModelQueue::size).sum();
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        while (true) {
            List<Pending> batch = new ArrayList<>();
            @Nullable ServedModel model;
            lock.lock();
            try {
                model = take(batch);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                lock.unlock();
            }
            if (model == null) {
                return;
            }
            run(model, batch);
        }
    }

    /// Waits for a run. Called with the lock; returns null when the engine ends.
    private @Nullable ServedModel take(List<Pending> batch) throws InterruptedException {
        while (true) {
            running = 0;
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            long now = System.nanoTime();
            long soonest = Long.MAX_VALUE;
            for (int i = turns.size(); i > 0; i--) {
                ModelQueue queue = turns.remove();
                long delay = stopping ? 0 : queue.delayNanos(now);
                if (delay <= 0) {
                    queue.take(batch);
                    running = batch.size();
                    batch.forEach(pending -> queuedBytes -= pending.request().inputBytes());
                    if (!queue.isEmpty()) {
                        turns.add(queue);
                    } else if (queue.ending()) {
                        tasks.add(queue::finish);
                    }
                    return queue.model();
                }
                turns.add(queue);
                soonest = Math.min(soonest, delay);
            }
            if (stopping && turns.isEmpty()) {
                return null;
            }
            if (soonest == Long.MAX_VALUE) {
                work.await();
            } else {
                work.awaitNanos(soonest);
            }
        }
    }

    private void run(ServedModel model, List<Pending> batch) {
        long started = System.nanoTime();
        batch.removeIf(pending -> pending.refuseIfLate(started, model.statistics()));
        if (batch.isEmpty()) {
            return;
        }
        try {
            use.runs(model.spec().name());
            List<List<OutputTensor>> outputs =
                    model.run(batch.stream().map(Pending::checked).toList());
            long nanos = System.nanoTime() - started;
            observe(model, nanos / batch.size());
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).succeed(model, outputs.get(i), started);
            }
        } catch (RequestRefused refused) {
            batch.forEach(pending -> pending.refuse(refused, model.statistics()));
        } catch (S3mlException failure) {
            Fault fault = failure.code().equals("SRV-104") ? Fault.WRONG_SHAPE : Fault.MODEL_FAILED;
            RequestRefused refused = new RequestRefused(fault, "the model cannot run on these inputs");
            batch.forEach(pending -> pending.refuse(refused, model.statistics()));
        }
    }

    private void observe(ServedModel model, long nanosPerRequest) {
        lock.lock();
        try {
            ModelQueue queue = queues.get(model);
            if (queue != null) {
                queue.observe(nanosPerRequest);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Answers everything that waits, closes all models, and ends the thread.
    @Override
    public void close() {
        lock.lock();
        try {
            stopping = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(TimeUnit.MINUTES.toMillis(1));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!thread.isAlive()) {
            queues.keySet().forEach(model -> {
                model.close();
                use.detached(model.spec().name());
            });
            queues.clear();
        }
    }
}
