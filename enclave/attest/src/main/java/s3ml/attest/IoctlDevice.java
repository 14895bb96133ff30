package s3ml.attest;

import java.lang.foreign.MemorySegment;

/// A device file that takes ioctls: the hardware edge of [OcclumIssuer].
interface IoctlDevice extends AutoCloseable {
    /// Returns what `ioctl(2)` returns: negative when it fails.
    int ioctl(long request, MemorySegment argument);

    @Override
    void close();
}
