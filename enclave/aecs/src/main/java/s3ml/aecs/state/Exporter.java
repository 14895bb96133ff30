package s3ml.aecs.state;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Reads a whole store in pages that fit a message.
final class Exporter {
    private static final int PAGE_ENTRIES = 512;
    private static final int PAGE_BYTES = RecordStore.MAX_VALUE_BYTES;

    private Exporter() {}

    static long export(RecordStore store, byte[] head, Consumer<SortedMap<String, byte[]>> pages) {
        pages.accept(new TreeMap<>(Map.of(Keys.HEAD, head)));
        long entries = 1;
        String from = "!";
        while (true) {
            SortedMap<String, byte[]> page = store.range(from, "~", PAGE_ENTRIES);
            SortedMap<String, byte[]> piece = new TreeMap<>();
            int bytes = 0;
            for (Map.Entry<String, byte[]> entry : page.entrySet()) {
                if (entry.getKey().equals(Keys.HEAD)) {
                    continue;
                }
                if (bytes + entry.getValue().length > PAGE_BYTES && !piece.isEmpty()) {
                    pages.accept(piece);
                    piece = new TreeMap<>();
                    bytes = 0;
                }
                piece.put(entry.getKey(), entry.getValue());
                bytes += entry.getValue().length;
                entries++;
            }
            if (!piece.isEmpty()) {
                pages.accept(piece);
            }
            if (page.size() < PAGE_ENTRIES) {
                return entries;
            }
            from = page.lastKey() + "\0";
        }
    }
}
