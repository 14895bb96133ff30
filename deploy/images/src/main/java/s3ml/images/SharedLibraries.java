package s3ml.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import s3ml.attest.S3mlException;

/// The libraries of the build machine that native files need, found by `ldd`: an image holds them and no distribution
/// around them.
///
/// Codes: `IMG-102` a library cannot be found.
final class SharedLibraries {
    /// `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)`, or the loader's `/lib64/ld-linux-x86-64.so.2 (0x...)`.
    private static final Pattern LINE = Pattern.compile("(?:(\\S+) => )?(/\\S+|not found)(?: \\(0x[0-9a-f]+\\))?");

    private SharedLibraries() {}

    /// Libraries needed by those files, by their paths in the image. What lies among `own` is in the image already.
    static Map<String, Path> of(Collection<Path> natives, Collection<Path> own) {
        Map<String, Path> found = new TreeMap<>();
        Map<String, Path> names = new LinkedHashMap<>();
        own.forEach(path -> names.put(path.getFileName().toString(), path));
        for (Path file : natives) {
            for (String line : ldd(file)) {
                Matcher matcher = LINE.matcher(line.strip());
                if (!matcher.matches()) {
                    continue;
                }
                String name = matcher.group(1) == null
                        ? Path.of(matcher.group(2)).getFileName().toString()
                        : matcher.group(1);
                if (names.containsKey(name)) {
                    continue;
                }
                if (matcher.group(2).equals("not found")) {
                    throw failed(file + " needs " + name + ", which is not on this machine", null);
                }
                Path library = Path.of(matcher.group(2));
                String place = matcher.group(1) == null ? library.toString() : "/lib/x86_64-linux-gnu/" + name;
                found.put(place, real(library));
            }
        }
        return found;
    }

    private static Path real(Path library) {
        try {
            return library.toRealPath();
        } catch (IOException e) {
            throw failed(library + ": " + e.getMessage(), e);
        }
    }

    private static Iterable<String> ldd(Path file) {
        try {
            Process process = new ProcessBuilder("ldd", file.toString())
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return text.lines().toList();
        } catch (IOException e) {
            throw failed("ldd: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted", e);
        }
    }

    /// Whether the file is an ELF file, by its first bytes.
    static boolean isNative(Path file) {
        try (var in = Files.newInputStream(file)) {
            byte[] magic = in.readNBytes(4);
            return magic.length == 4 && magic[0] == 0x7f && magic[1] == 'E' && magic[2] == 'L' && magic[3] == 'F';
        } catch (IOException e) {
            throw failed(file + ": " + e.getMessage(), e);
        }
    }

    private static S3mlException failed(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new S3mlException("IMG-102", "could not find a library", why, "install it on the build machine", cause);
    }
}
