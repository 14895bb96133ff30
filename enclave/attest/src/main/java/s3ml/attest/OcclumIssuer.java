package s3ml.attest;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/// Asks Occlum for quotes, by ioctls on `/dev/sgx`. Unverified on hardware until someone ran it there.
public final class OcclumIssuer implements EvidenceIssuer {
    /// The device that Occlum shows to the process in its enclave.
    public static final Path DEVICE = Path.of("/dev/sgx");

    static final long GET_DCAP_QUOTE_SIZE = 0x8004_7307L;
    static final long GEN_DCAP_QUOTE = 0xc018_7308L;

    private final Supplier<IoctlDevice> open;

    OcclumIssuer(Supplier<IoctlDevice> open) {
        this.open = open;
    }

    /// Whether the device is there and knows Occlum's requests.
    static boolean present(Path device, Supplier<IoctlDevice> open) {
        if (!Files.exists(device) || Files.isDirectory(device)) {
            return false;
        }
        try (IoctlDevice sgx = open.get();
                Arena arena = Arena.ofConfined()) {
            return quoteSize(sgx, arena) > 0;
        } catch (S3mlException e) {
            return false;
        }
    }

    private static int quoteSize(IoctlDevice sgx, Arena arena) {
        MemorySegment size = arena.allocate(ValueLayout.JAVA_INT);
        request(sgx, GET_DCAP_QUOTE_SIZE, size, "quote size");
        int bytes = size.get(ValueLayout.JAVA_INT, 0);
        if (bytes <= 0 || bytes > Quote.LARGEST) {
            throw IssuedQuote.failed("occlum", "it names a quote size of " + bytes + " bytes", null);
        }
        return bytes;
    }

    @Override
    public byte[] issue(ReportData reportData) {
        try (IoctlDevice sgx = open.get();
                Arena arena = Arena.ofConfined()) {
            int bytes = quoteSize(sgx, arena);
            MemorySegment data = arena.allocate(ReportData.BYTES);
            data.copyFrom(MemorySegment.ofArray(reportData.bytes()));
            MemorySegment size = arena.allocate(ValueLayout.JAVA_INT);
            size.set(ValueLayout.JAVA_INT, 0, bytes);
            MemorySegment quote = arena.allocate(bytes);
            // struct { report_data *, u32 *size, u8 *quote }
            MemorySegment argument = arena.allocate(ValueLayout.ADDRESS, 3);
            argument.setAtIndex(ValueLayout.ADDRESS, 0, data);
            argument.setAtIndex(ValueLayout.ADDRESS, 1, size);
            argument.setAtIndex(ValueLayout.ADDRESS, 2, quote);
            request(sgx, GEN_DCAP_QUOTE, argument, "quote");
            int written = size.get(ValueLayout.JAVA_INT, 0);
            if (written < 0 || written > bytes) {
                throw IssuedQuote.failed("occlum", "it wrote " + written + " bytes into " + bytes, null);
            }
            return IssuedQuote.checked(quote.asSlice(0, written).toArray(ValueLayout.JAVA_BYTE), reportData, name());
        }
    }

    private static void request(IoctlDevice sgx, long request, MemorySegment argument, String what) {
        int result = sgx.ioctl(request, argument);
        if (result < 0) {
            throw IssuedQuote.failed("occlum", "the ioctl for the " + what + " returned " + result, null);
        }
    }

    @Override
    public String name() {
        return "occlum";
    }

    @Override
    public boolean simulated() {
        return false;
    }
}
