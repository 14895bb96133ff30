package s3ml.agent;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// Parameters of an SGX driver with the SCONE metrics patch: one number a file, 32 bits, updated without a lock.
///
/// On the DCAP driver (`intel_sgx`) `sgx_nr_evicted` counts SECS pages only, and `sgx_nr_reclaimed` is what EWB did.
/// The emulated EPC publishes the same files.
///
/// @param name for people
/// @param parameters the folder
record SconeSource(String name, Path parameters) implements PagingSource {
    @Override
    public int bits() {
        return 32;
    }

    /// Whether the folder looks like one of this driver.
    static boolean at(Path parameters) {
        return Files.isReadable(parameters.resolve("sgx_loaded_back"));
    }

    @Override
    public Optional<PagingCounters> read() {
        OptionalLong loaded = Texts.number(parameters.resolve("sgx_loaded_back"));
        OptionalLong reclaimed = Texts.number(parameters.resolve("sgx_nr_reclaimed"));
        OptionalLong evicted = reclaimed.isPresent() ? reclaimed : Texts.number(parameters.resolve("sgx_nr_evicted"));
        if (loaded.isEmpty() || evicted.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new PagingCounters(
                loaded.getAsLong(),
                evicted.getAsLong(),
                Texts.number(parameters.resolve("sgx_nr_free_pages")).orElse(PagingCounters.UNKNOWN),
                Texts.number(parameters.resolve("sgx_nr_total_epc_pages")).orElse(PagingCounters.UNKNOWN)));
    }
}
