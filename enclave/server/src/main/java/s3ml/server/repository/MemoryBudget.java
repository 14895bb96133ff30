package s3ml.server.repository;

import s3ml.attest.S3mlException;

/// How much memory models may take together, decided before one is opened. Not thread-safe: the repository's thread
/// owns it.
///
/// A model takes its file, kept for its constants, the same again packed for the kernels, and room for what flows
/// between
/// its operators. The last is not known before; three times the file covers what was measured on detectors and
/// landmark models.
///
/// Faults: `SRV-301` the model would not fit.
final class MemoryBudget {
    private static final int TIMES_FILE = 3;

    private final long limit;
    private long taken;

    /// @param limit bytes; 0 for no limit
    MemoryBudget(long limit) {
        this.limit = limit;
    }

    /// Sets memory aside for a model file of `size` bytes.
    void take(String name, long size) {
        long need = Math.multiplyExact(size, TIMES_FILE);
        if (limit > 0 && need > limit - taken) {
            throw new S3mlException(
                    "SRV-301",
                    "refused to load model \"" + name + "\"",
                    "it needs about " + need + " bytes, " + (limit - taken) + " of " + limit + " are free",
                    "unload a model or raise memoryBudgetMegabytes");
        }
        taken += need;
    }

    /// Gives back what [#take] set aside for the same size.
    void giveBack(long size) {
        taken -= Math.multiplyExact(size, TIMES_FILE);
    }
}
