package s3ml.server.repository;

import s3ml.attest.S3mlException;

/// How much memory models may take together, decided before one is opened. Not thread-safe: the repository's thread
/// owns it.
///
/// A model takes its file, kept for its constants, and for each instance the same again packed for the kernels, and
/// room for what flows between its operators. The last is not known before; once more the file covers what was measured
/// on detectors and landmark models.
///
/// Faults: `SRV-301` the model would not fit.
final class MemoryBudget {
    private static final int TIMES_FILE_EACH = 2;

    private final long limit;
    private final int timesFile;
    private long taken;

    /// @param limit bytes; 0 for no limit
    /// @param instances of each model
    MemoryBudget(long limit, int instances) {
        this.limit = limit;
        this.timesFile = 1 + instances * TIMES_FILE_EACH;
    }

    /// Sets memory aside for a model file of `size` bytes.
    void take(String name, long size) {
        long need = Math.multiplyExact(size, timesFile);
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
        taken -= Math.multiplyExact(size, timesFile);
    }
}
