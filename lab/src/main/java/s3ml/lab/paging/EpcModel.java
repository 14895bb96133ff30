package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.List;

/// The EPC of one simulated host: enclaves cut in segments, least recently touched evicted first, one reclaimer.
///
/// Second chance over pages comes out as least recently used over segments, with the cliff of a cyclic sweep. The
/// reclaimer is a server with a fixed time per page, whatever the number of waiting threads: the host-wide ceiling.
final class EpcModel {
    /// Segments of a working set: about the layers of a small network.
    static final int SEGMENTS = 8;

    private final EpcCosts costs;
    private final List<Enclave> enclaves = new ArrayList<>();
    private double free;
    private long reclaimerFreeAt;
    private double loaded;
    private double evicted;

    /// One enclave's pages. A segment is resident to some part and was touched at some time.
    static final class Enclave {
        private final double segmentPages;
        private final double[] resident = new double[SEGMENTS];
        private final long[] touched = new long[SEGMENTS];

        private Enclave(long pages) {
            this.segmentPages = (double) pages / SEGMENTS;
        }

        double pages() {
            return segmentPages * SEGMENTS;
        }

        double missing() {
            double sum = 0;
            for (double pages : resident) {
                sum += segmentPages - pages;
            }
            return sum;
        }
    }

    EpcModel(EpcCosts costs) {
        this.costs = costs;
        this.free = costs.totalPages();
    }

    /// Adds an enclave whose pages are not resident yet.
    Enclave create(long pages) {
        Enclave enclave = new Enclave(pages);
        enclaves.add(enclave);
        return enclave;
    }

    /// Adds all pages of a starting enclave (SGX1's EADD): evictions of others without loads.
    long populate(Enclave enclave, long now) {
        long done = now;
        for (int segment = 0; segment < SEGMENTS; segment++) {
            done = Math.max(done, touch(enclave, segment, now, false));
        }
        return done;
    }

    /// Frees all pages of an enclave.
    void remove(Enclave enclave) {
        if (enclaves.remove(enclave)) {
            free += enclave.pages() - enclave.missing();
        }
    }

    /// Touches a segment.
    ///
    /// @return when its pages are all there, in nanoseconds, ≥ `now`
    long touch(Enclave enclave, int segment, long now) {
        return touch(enclave, segment, now, true);
    }

    private long touch(Enclave enclave, int segment, long now, boolean load) {
        double missing = enclave.segmentPages - enclave.resident[segment];
        long before = enclave.touched[segment];
        enclave.touched[segment] = now;
        if (missing <= 0.5) {
            return now;
        }
        double evict = Math.max(0, missing - Math.max(0, free));
        // Where this very segment is the oldest, the first page missing pushes out the next one to be touched: all go.
        double churn = evict > 0.5 && load && before <= oldest(enclave, segment) ? enclave.resident[segment] : 0;
        double made = makeRoom(evict, enclave, segment);
        free -= missing - made;
        enclave.resident[segment] = enclave.segmentPages;
        evicted += made + churn;
        long done = now;
        if (made > 0) {
            reclaimerFreeAt = Math.max(now, reclaimerFreeAt) + (long) ((made + churn) * costs.evictNanos());
            done = reclaimerFreeAt;
        }
        if (load) {
            loaded += missing + churn;
            done = Math.max(done, now + (long) ((missing + churn) * costs.loadNanos()));
        }
        return done;
    }

    private long oldest(Enclave except, int exceptSegment) {
        long oldest = Long.MAX_VALUE;
        for (Enclave enclave : enclaves) {
            for (int segment = 0; segment < SEGMENTS; segment++) {
                boolean counts = enclave != except || segment != exceptSegment;
                if (counts && enclave.resident[segment] > 0) {
                    oldest = Math.min(oldest, enclave.touched[segment]);
                }
            }
        }
        return oldest;
    }

    private double makeRoom(double wanted, Enclave keep, int keepSegment) {
        double made = 0;
        while (wanted - made > 0.5) {
            Enclave victim = null;
            int victimSegment = 0;
            long oldest = Long.MAX_VALUE;
            for (Enclave enclave : enclaves) {
                for (int segment = 0; segment < SEGMENTS; segment++) {
                    boolean spared = enclave == keep && segment == keepSegment;
                    if (!spared && enclave.resident[segment] > 0 && enclave.touched[segment] < oldest) {
                        oldest = enclave.touched[segment];
                        victim = enclave;
                        victimSegment = segment;
                    }
                }
            }
            if (victim == null) {
                return made;
            }
            double taken = Math.min(victim.resident[victimSegment], wanted - made);
            victim.resident[victimSegment] -= taken;
            made += taken;
        }
        return made;
    }

    double freePages() {
        return Math.max(0, free);
    }

    double loaded() {
        return loaded;
    }

    double evicted() {
        return evicted;
    }

    /// How long the reclaimer is busy with what it has been given.
    long backlogNanos(long now) {
        return Math.max(0, reclaimerFreeAt - now);
    }

    EpcCosts costs() {
        return costs;
    }
}
