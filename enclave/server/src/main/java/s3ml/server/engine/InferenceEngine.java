package s3ml.server.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.server.tensor.OutputTensor;

/// The threads that run models, and the bounded queues before them.
///
/// By default one thread for all models: a run uses every core by TensorFlow Lite's own threads, which answers a single
/// request soonest and keeps one copy of what a run needs. Those threads wait for each other after each operator, so
/// whatever else wants a core holds up all of them; with as many instances as cores and one thread a run, requests are
/// answered later and more of them at once. Models with waiting requests take turns. Thread-safe.
public final class InferenceEngine implements AutoCloseable {
    private static final Duration LONGEST_END = Duration.ofMinutes(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Map<ServedModel, ModelQueue> queues = new HashMap<>();
    private final Deque<ModelQueue> turns = new ArrayDeque<>();
    private final long queuedBytesLimit;
    private final ModelUse use;
    private final List<Thread> threads;
    private long queuedBytes;
    private long usualBytes;
    private int running;
    private boolean stopping;
    private volatile Runnable whenRoom = () -> {};

    /// Starts the threads.
    ///
    /// @param queuedBytesLimit bytes that waiting requests may hold together; further ones are refused
    /// @param instances runs that may be under way at once, > 0; models that are attached have as many
    /// @param use told of each run
    public InferenceEngine(long queuedBytesLimit, int instances, ModelUse use) {
        this.queuedBytesLimit = queuedBytesLimit;
        this.use = use;
        // Native calls would pin a virtual thread's carrier.
        this.threads = IntStream.range(0, instances)
                .mapToObj(instance -> Thread.ofPlatform().name("inference").start(() -> serve(instance)))
                .toList();
    }

    /// Makes a model take requests; the engine's threads own its instances from now on.
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
            queue.finishIfIdle();
        } finally {
            lock.unlock();
        }
        return closed;
    }

    /// What a request whose inputs are still to come would find, if they are as large as others were lately.
    public Outlook outlook() {
        lock.lock();
        try {
            long wait = 0;
            long each = 0;
            long longest = 0;
            long room = queues.isEmpty() ? Integer.MAX_VALUE : 0;
            for (ModelQueue queue : queues.values()) {
                long waitsHere = expectedWaitNanos(queue);
                wait = Math.max(wait, waitsHere);
                each = Math.max(each, queue.nanosPerRequest() / threads.size());
                longest = Math.max(longest, queue.longestWaitNanos());
                room += queue.room(waitsHere, threads.size());
            }
            // One that is larger than all the room there is may still come alone.
            long bytes = queuedBytes == 0 ? Math.max(queuedBytesLimit, usualBytes) : queuedBytesLimit - queuedBytes;
            room = Math.min(room, bytes / Math.max(1, usualBytes));
            boolean idle = running == 0 && turns.isEmpty();
            return new Outlook((int) Math.min(room, Integer.MAX_VALUE), idle, wait, each, longest);
        } finally {
            lock.unlock();
        }
    }

    /// Names whom to tell, from an inference thread, that requests left the queue or a run is over.
    ///
    /// @param told must be quick and must not throw
    public void whenRoom(Runnable told) {
        whenRoom = told;
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
            usualBytes += (bytes - usualBytes) / 8;
            ModelQueue queue = queues.get(model);
            if (queue == null || queue.ending() || stopping) {
                throw new RequestRefused(Fault.MODEL_NOT_READY, "the model is being unloaded");
            }
            long wait = expectedWaitNanos(queue);
            if (queue.isFull() || queuedBytes + bytes > queuedBytesLimit) {
                throw RequestRefused.overloaded("too many requests are waiting", Duration.ofNanos(wait));
            }
            if (queue.isTooLong(wait)) {
                throw RequestRefused.overloaded(
                        "the wait would be longer than this model allows", Duration.ofNanos(wait));
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
    /// so while this queue is served another one is served as often, if it has as many.
    private long expectedWaitNanos(ModelQueue queue) {
        long wait = 0;
        for (ModelQueue turn : turns) {
            wait += turn.nanosPerRequest() * Math.min(turn.size(), queue.size());
        }
        return wait / threads.size();
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

    private void serve(int instance) {
        while (true) {
            List<Pending> batch = new ArrayList<>();
            @Nullable ModelQueue queue;
            lock.lock();
            try {
                queue = take(batch);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                lock.unlock();
            }
            if (queue == null) {
                return;
            }
            whenRoom.run();
            int requests = batch.size();
            long nanos = run(queue.model(), instance, batch);
            lock.lock();
            try {
                running -= requests;
                queue.ran(nanos);
            } finally {
                lock.unlock();
            }
            whenRoom.run();
        }
    }

    /// Waits for a run. Called with the lock; returns null when the engine ends.
    private @Nullable ModelQueue take(List<Pending> batch) throws InterruptedException {
        while (true) {
            long now = System.nanoTime();
            long soonest = Long.MAX_VALUE;
            for (int i = turns.size(); i > 0; i--) {
                ModelQueue queue = turns.remove();
                long delay = stopping ? 0 : queue.delayNanos(now);
                if (delay <= 0) {
                    queue.take(batch);
                    running += batch.size();
                    batch.forEach(pending -> queuedBytes -= pending.request().inputBytes());
                    if (!queue.isEmpty()) {
                        turns.add(queue);
                    }
                    return queue;
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

    /// Returns what each request of the batch took, 0 if the model did not run.
    private long run(ServedModel model, int instance, List<Pending> batch) {
        long started = System.nanoTime();
        batch.removeIf(pending -> pending.refuseIfLate(started, model.statistics()));
        if (batch.isEmpty()) {
            return 0;
        }
        try {
            use.runs(model.spec().name());
            List<List<OutputTensor>> outputs = model.instance(instance)
                    .run(batch.stream().map(Pending::checked).toList());
            long nanos = System.nanoTime() - started;
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).succeed(model, outputs.get(i), started);
            }
            return nanos / batch.size();
        } catch (RequestRefused refused) {
            batch.forEach(pending -> pending.refuse(refused, model.statistics()));
        } catch (S3mlException failure) {
            Fault fault = failure.code().equals("SRV-104") ? Fault.WRONG_SHAPE : Fault.MODEL_FAILED;
            RequestRefused refused = new RequestRefused(fault, "the model cannot run on these inputs");
            batch.forEach(pending -> pending.refuse(refused, model.statistics()));
        }
        return 0;
    }

    /// Answers everything that waits, closes all models, and ends the threads.
    @Override
    public void close() {
        lock.lock();
        try {
            stopping = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
        long end = System.nanoTime() + LONGEST_END.toNanos();
        boolean ended = true;
        try {
            for (Thread thread : threads) {
                ended &= thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return;
        }
        if (ended) {
            queues.keySet().forEach(model -> {
                model.close();
                use.detached(model.spec().name());
            });
            queues.clear();
        }
    }
}
