package s3ml.sim.epc;

import java.time.Instant;

/// What the pool needs to know of processes and time.
final class Processes {
    private Processes() {}

    static long self() {
        return ProcessHandle.current().pid();
    }

    /// When a process began, in milliseconds; 0 when it is not there or cannot be told.
    static long began(long pid) {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .flatMap(process -> process.info().startInstant())
                .map(Instant::toEpochMilli)
                .orElse(0L);
    }

    /// Whether the process that began then is still there. Numbers of processes come again, beginnings hardly.
    static boolean alive(long pid, long began) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)
                && (began == 0 || Math.abs(began(pid) - began) < 2000);
    }

    /// Keeps the processor busy: paging takes processor time, and so short a time cannot be slept.
    static void spinUntil(long nanos) {
        while (System.nanoTime() < nanos) {
            Thread.onSpinWait();
        }
    }
}
