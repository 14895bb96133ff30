package s3ml.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/// Asks the Linux kernel of a TDX guest for quotes, by configfs-tsm (Documentation/ABI/testing/configfs-tsm-report,
/// from version 6.7 on). Unverified on hardware until someone ran it there.
public final class ConfigfsTsmIssuer implements EvidenceIssuer {
    /// Where the kernel shows reports, when configfs is mounted and the guest driver is loaded.
    public static final Path FOLDER = Path.of("/sys/kernel/config/tsm/report");

    private static final String PROVIDER = "tdx_guest";

    private final ReportFiles files;

    ConfigfsTsmIssuer(ReportFiles files) {
        this.files = files;
    }

    static ConfigfsTsmIssuer on(Path folder) {
        return new ConfigfsTsmIssuer(new KernelFiles(folder));
    }

    static boolean present(Path folder) {
        return Files.isDirectory(folder);
    }

    /// One report's entry: the hardware edge. The kernel fills an entry with files when its folder is made.
    interface ReportFiles {
        String create() throws IOException;

        byte[] read(String entry, String file) throws IOException;

        void write(String entry, String file, byte[] content) throws IOException;

        void remove(String entry) throws IOException;
    }

    @Override
    public byte[] issue(ReportData reportData) {
        try {
            String entry = files.create();
            try {
                return quote(entry, reportData);
            } finally {
                files.remove(entry);
            }
        } catch (IOException e) {
            throw IssuedQuote.failed(name(), String.valueOf(e), e);
        }
    }

    private byte[] quote(String entry, ReportData reportData) throws IOException {
        String provider = text(entry, "provider");
        if (!provider.equals(PROVIDER)) {
            throw IssuedQuote.failed(name(), "the provider is \"" + provider + "\", not " + PROVIDER, null);
        }
        String before = text(entry, "generation");
        files.write(entry, "inblob", reportData.bytes());
        byte[] quote = files.read(entry, "outblob");
        // Each write counts up: any other difference means that somebody else wrote into this entry.
        long writes = number(text(entry, "generation")) - number(before);
        if (writes != 1) {
            throw IssuedQuote.failed(name(), "the entry was written " + writes + " times, not once", null);
        }
        return IssuedQuote.checked(quote, reportData, name());
    }

    private String text(String entry, String file) throws IOException {
        return new String(files.read(entry, file), StandardCharsets.US_ASCII).strip();
    }

    private long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw IssuedQuote.failed(name(), "the generation is \"" + text + "\", not a number", e);
        }
    }

    @Override
    public String name() {
        return "configfs-tsm";
    }

    @Override
    public boolean simulated() {
        return false;
    }

    private record KernelFiles(Path folder) implements ReportFiles {
        @Override
        public String create() throws IOException {
            String entry = "s3ml-" + UUID.randomUUID();
            Files.createDirectory(folder.resolve(entry));
            return entry;
        }

        @Override
        public byte[] read(String entry, String file) throws IOException {
            return Files.readAllBytes(folder.resolve(entry).resolve(file));
        }

        @Override
        public void write(String entry, String file, byte[] content) throws IOException {
            Files.write(folder.resolve(entry).resolve(file), content);
        }

        @Override
        public void remove(String entry) throws IOException {
            Files.delete(folder.resolve(entry));
        }
    }
}
