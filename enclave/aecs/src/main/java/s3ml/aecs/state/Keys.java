package s3ml.aecs.state;

import java.util.HexFormat;

/// The keys of the store, as `state.proto` lists them.
final class Keys {
    static final String HEAD = "head";
    static final String COMMITS = "commit/";
    static final String CHECKPOINTS = "checkpoint/";
    static final String RECORDS = "record/";
    static final String LEAVES = "log/leaf/";
    static final String NODES = "log/node/";

    private static final HexFormat HEX = HexFormat.of();

    private Keys() {}

    static String commit(long sequence) {
        return COMMITS + HEX.toHexDigits(sequence);
    }

    static String checkpoint(long sequence, int part) {
        return CHECKPOINTS + HEX.toHexDigits(sequence) + "/" + HEX.toHexDigits((short) part);
    }

    static String record(String name) {
        return RECORDS + name;
    }

    static String leaf(long index) {
        return LEAVES + HEX.toHexDigits(index);
    }

    static String node(int level, long index) {
        return NODES + HEX.toHexDigits((byte) level) + "/" + HEX.toHexDigits(index);
    }

    /// The end (exclusive) of the range of all keys that begin with `prefix`.
    static String end(String prefix) {
        return prefix.substring(0, prefix.length() - 1) + (char) (prefix.charAt(prefix.length() - 1) + 1);
    }
}
