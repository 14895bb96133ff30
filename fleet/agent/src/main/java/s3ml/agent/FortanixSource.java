package s3ml.agent;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// `/proc/sgx_stats` of Fortanix' driver: eight numbers on a line.
///
/// Enclaves created and released, pages added, paged in, paged out, enclave pages, version-array pages, free pages. The
/// total is what is in use and what is free.
///
/// @param file the statistics file
record FortanixSource(Path file) implements PagingSource {
    private static final int FIELDS = 8;

    @Override
    public String name() {
        return "fortanix";
    }

    @Override
    public int bits() {
        return 32;
    }

    @Override
    public Optional<PagingCounters> read() {
        return Texts.read(file).flatMap(FortanixSource::parse);
    }

    static Optional<PagingCounters> parse(String text) {
        String[] fields = text.strip().split("\\s+", -1);
        if (fields.length != FIELDS) {
            return Optional.empty();
        }
        long[] numbers = new long[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            OptionalLong number = Texts.number(fields[i]);
            if (number.isEmpty()) {
                return Optional.empty();
            }
            numbers[i] = number.getAsLong();
        }
        long total = numbers[5] + numbers[6] + numbers[7];
        return Optional.of(new PagingCounters(numbers[3], numbers[4], numbers[7], total));
    }
}
