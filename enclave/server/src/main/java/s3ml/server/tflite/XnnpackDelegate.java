package s3ml.server.tflite;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import s3ml.attest.S3mlException;

/// TensorFlow Lite's fast CPU kernels. The C API does not apply them by itself (and is about three times slower then).
///
/// Must outlive the interpreter it is given to. One owner, no concurrent use.
final class XnnpackDelegate implements AutoCloseable {
    private static final long THREADS_OFFSET = NativeTfLite.XNNPACK_OPTIONS.byteOffset(groupElement("num_threads"));
    private static final long FLAGS_OFFSET = NativeTfLite.XNNPACK_OPTIONS.byteOffset(groupElement("flags"));
    private static final long CACHE_FD_OFFSET = NativeTfLite.XNNPACK_OPTIONS.byteOffset(groupElement("cache_fd"));

    /// `TFLITE_XNNPACK_DELEGATE_FLAG_TRANSIENT_INDIRECTION_BUFFER`: each convolution's table of pointers is made in the
    /// common workspace when it runs, instead of being kept for each; the outputs are the same bits.
    private static final int TRANSIENT_INDIRECTION_BUFFER = 0x20;

    private final MemorySegment address;

    private XnnpackDelegate(MemorySegment address) {
        this.address = address;
    }

    static XnnpackDelegate create(int threads) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment options = defaults(arena);
            options.set(JAVA_INT, THREADS_OFFSET, threads);
            options.set(JAVA_INT, FLAGS_OFFSET, options.get(JAVA_INT, FLAGS_OFFSET) | TRANSIENT_INDIRECTION_BUFFER);
            MemorySegment delegate = Native.address(NativeTfLite.XNNPACK_CREATE, options);
            if (delegate.address() == 0) {
                throw new S3mlException(
                        "SRV-103",
                        "cannot create the XNNPACK delegate",
                        ErrorText.take("out of memory or an unsupported CPU"),
                        "use a CPU with SSE4.1 or newer and give the enclave more memory");
            }
            return new XnnpackDelegate(delegate);
        }
    }

    /// The library's defaults, checked against the one value that betrays a shifted layout.
    private static MemorySegment defaults(Arena arena) {
        MethodHandle function = NativeTfLite.XNNPACK_DEFAULTS;
        MemorySegment options;
        try {
            options = (MemorySegment) function.invokeExact((SegmentAllocator) arena);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
        int cacheFile = options.get(JAVA_INT, CACHE_FD_OFFSET);
        if (cacheFile != -1) {
            throw new S3mlException(
                    "SRV-101",
                    "cannot use this TensorFlow Lite",
                    "its XNNPACK options have another layout (cache_fd reads " + cacheFile + ")",
                    "use the version that this server was built with");
        }
        return options;
    }

    MemorySegment address() {
        return address;
    }

    @Override
    public void close() {
        Native.call(NativeTfLite.XNNPACK_DELETE, address);
    }
}
