package s3ml.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads small kernel files.
public final class Texts {
    /// The largest file read: a kprobe profile or vmstat of any host is far smaller.
    private static final int LARGEST = 1 << 20;

    private Texts() {}

    /// The file's text; empty when it is missing, unreadable or too large.
    public static Optional<String> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            return bytes.length > LARGEST
                    ? Optional.empty()
                    : Optional.of(new String(bytes, StandardCharsets.US_ASCII));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    /// A whole file that is one number.
    public static OptionalLong number(Path file) {
        return read(file).map(text -> number(text.strip())).orElse(OptionalLong.empty());
    }

    /// A non-negative decimal number of at most 18 digits.
    static OptionalLong number(String text) {
        if (text.isEmpty() || text.length() > 18) {
            return OptionalLong.empty();
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return OptionalLong.empty();
            }
        }
        return OptionalLong.of(Long.parseLong(text));
    }

    /// The number after a key at the beginning of a line, as in `vmstat`, `meminfo` and cgroup files.
    public static OptionalLong keyed(String text, String key) {
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(key)) {
                String[] fields = line.substring(key.length()).strip().split("\\s+", -1);
                boolean separate = line.length() > key.length() && " \t:".indexOf(line.charAt(key.length())) >= 0;
                if (separate && fields.length > 0) {
                    return number(fields[0].equals(":") && fields.length > 1 ? fields[1] : fields[0]);
                }
            }
        }
        return OptionalLong.empty();
    }
}
