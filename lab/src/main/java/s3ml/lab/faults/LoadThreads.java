package s3ml.lab.faults;

import java.util.ArrayList;
import java.util.List;

/// The threads of a load: they work until they are told to stop. For one owner; the threads themselves only ask.
final class LoadThreads implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    /// Starts one thread; its work looks at [#stopping()] now and then.
    void start(String name, Runnable work) {
        threads.add(Thread.ofPlatform().name(name).start(work));
    }

    /// Whether the work is to end.
    boolean stopping() {
        return stopping;
    }

    /// Tells the threads to stop and waits until they have. A second call does nothing more.
    @Override
    public void close() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }
}
