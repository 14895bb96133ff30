package s3ml.agent;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// The misc controller of cgroup v2, where the kernel charges `sgx_epc` there: bytes in use and capacity, no rates.
///
/// @param cgroup the folder of the root cgroup
record CgroupMiscSource(Path cgroup) implements PagingSource {
    private static final String KEY = "sgx_epc";
    private static final long PAGE = 4096;

    @Override
    public String name() {
        return "cgroup-misc";
    }

    @Override
    public int bits() {
        return 64;
    }

    @Override
    public Optional<PagingCounters> read() {
        OptionalLong capacity = keyed("misc.capacity");
        OptionalLong current = keyed("misc.current");
        if (capacity.isEmpty() || current.isEmpty() || current.getAsLong() > capacity.getAsLong()) {
            return Optional.empty();
        }
        long total = capacity.getAsLong() / PAGE;
        return Optional.of(new PagingCounters(
                PagingCounters.UNKNOWN, PagingCounters.UNKNOWN, total - current.getAsLong() / PAGE, total));
    }

    private OptionalLong keyed(String file) {
        return Texts.read(cgroup.resolve(file))
                .map(text -> Texts.keyed(text, KEY))
                .orElse(OptionalLong.empty());
    }
}
