package s3ml.server.tflite;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// A table of a flatbuffer that nobody has checked: every offset is held against the end of the bytes before it is
/// followed, and every step is taken from a budget, because offsets may point to the same place again and again.
///
/// Layout: FlatBuffers internals. A table begins with the distance back to its vtable; the vtable has its own size, the
/// table's size, and for each field its distance from the table's beginning, 0 when it is absent.
final class FlatTable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Source source;
    private final long at;
    private final long vtable;
    private final int vtableSize;
    private final int tableSize;

    private FlatTable(Source source, long at) {
        this.source = source;
        this.at = at;
        source.step();
        this.vtable = at - source.number(at);
        this.vtableSize = source.shortNumber(vtable);
        this.tableSize = source.shortNumber(vtable + Short.BYTES);
        if (vtableSize < 2 * Short.BYTES || tableSize < Integer.BYTES) {
            throw new Malformed("a table at " + at + " is smaller than its head");
        }
        source.within(vtable, vtableSize);
        source.within(at, tableSize);
    }

    /// The bytes are not what a flatbuffer of the schema can be.
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// @param why one clause
        Malformed(String why) {
            super(why, null, false, false);
        }
    }

    /// The bytes, and the steps that may still be taken through them.
    private static final class Source {
        private final MemorySegment bytes;
        private long budget;

        Source(MemorySegment bytes) {
            this.bytes = bytes;
            // Nothing that is not shared takes less than four bytes, and little is shared.
            this.budget = bytes.byteSize();
        }

        void step() {
            if (--budget < 0) {
                throw new Malformed("its parts are used more often than its size allows");
            }
        }

        void within(long from, long length) {
            if (from < 0 || length < 0 || from > bytes.byteSize() - length) {
                throw new Malformed("something at " + from + " of " + length + " bytes leaves the file");
            }
        }

        int number(long offset) {
            within(offset, Integer.BYTES);
            return bytes.get(INT, offset);
        }

        int shortNumber(long offset) {
            within(offset, Short.BYTES);
            return Short.toUnsignedInt(bytes.get(SHORT, offset));
        }

        /// Follows the unsigned 32-bit distance that lies at `offset`.
        long follow(long offset) {
            return offset + Integer.toUnsignedLong(number(offset));
        }
    }

    /// The root table of a file.
    static FlatTable root(MemorySegment bytes) {
        Source source = new Source(bytes);
        return new FlatTable(source, source.follow(0));
    }

    /// Where the value of a field of `size` bytes lies in the file, or -1 when it is absent.
    long field(int index, int size) {
        int slot = (2 + index) * Short.BYTES;
        if (slot + Short.BYTES > vtableSize) {
            return -1;
        }
        int distance = source.shortNumber(vtable + slot);
        if (distance == 0) {
            return -1;
        }
        if (distance + size > tableSize) {
            throw new Malformed("field " + index + " of a table at " + at + " leaves the table");
        }
        return at + distance;
    }

    boolean has(int index) {
        return field(index, 0) >= 0;
    }

    /// A 32-bit number, 0 when absent.
    int number(int index) {
        long field = field(index, Integer.BYTES);
        return field < 0 ? 0 : source.number(field);
    }

    /// A signed byte, 0 when absent.
    int octet(int index) {
        long field = field(index, 1);
        return field < 0 ? 0 : source.bytes.get(ValueLayout.JAVA_BYTE, field);
    }

    /// A 64-bit number, 0 when absent.
    long wide(int index) {
        long field = field(index, Long.BYTES);
        return field < 0 ? 0 : source.bytes.get(LONG, field);
    }

    /// A table, or null when absent.
    @Nullable
    FlatTable table(int index) {
        long field = field(index, Integer.BYTES);
        return field < 0 ? null : new FlatTable(source, source.follow(field));
    }

    /// A vector of elements of `size` bytes each; empty when absent.
    Vector vector(int index, int size) {
        long field = field(index, Integer.BYTES);
        if (field < 0) {
            return new Vector(0, 0, size);
        }
        long start = source.follow(field);
        long count = Integer.toUnsignedLong(source.number(start));
        source.within(start + Integer.BYTES, count * size);
        return new Vector(start + Integer.BYTES, count, size);
    }

    /// A vector of numbers, of tables, or of text.
    final class Vector {
        private final long start;
        private final int count;
        private final int size;

        private Vector(long start, long count, int size) {
            if (count > Integer.MAX_VALUE) {
                throw new Malformed("a vector at " + start + " has " + count + " elements");
            }
            this.start = start;
            this.count = (int) count;
            this.size = size;
        }

        int count() {
            return count;
        }

        /// Where its first element lies in the file.
        long start() {
            return start;
        }

        long bytes() {
            return (long) count * size;
        }

        int number(int index) {
            source.step();
            return source.bytes.get(INT, start + (long) index * size);
        }

        FlatTable table(int index) {
            return new FlatTable(source, source.follow(start + (long) index * size));
        }

        MemorySegment contents() {
            return source.bytes.asSlice(start, bytes());
        }
    }
}
