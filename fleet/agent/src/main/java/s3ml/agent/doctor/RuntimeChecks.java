package s3ml.agent.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What our processes run on: the JDK, the C library, the processor.
///
/// `AGT-201` the JDK is another one than our classes were made for. `AGT-202` the C library is too old for our native
/// libraries, or not the GNU one. `AGT-203` the processor lacks what inference needs.
///
/// @param root where lib and proc lie
/// @param java version of the JDK
record RuntimeChecks(Path root, Runtime.Version java) {
    private static final int FEATURE = 25;

    /// The oldest C library with all symbols that our native libraries name.
    private static final int GLIBC_MAJOR = 2;

    private static final int GLIBC_MINOR = 35;

    /// Several times the size of any libc.so.6.
    private static final int LARGEST_LIBRARY = 16 << 20;

    /// Lines about one processor in /proc/cpuinfo, generously.
    private static final int LONGEST_PROCESSOR = 100;

    private static final List<String> LIBRARIES =
            List.of("lib/x86_64-linux-gnu/libc.so.6", "lib64/libc.so.6", "usr/lib64/libc.so.6", "usr/lib/libc.so.6");

    private static final Pattern RELEASE =
            Pattern.compile("GNU C Library [^\\n]{0,120}release version (\\d{1,3})\\.(\\d{1,3})");

    List<Finding> all() {
        return List.of(jdk(), glibc(), processor());
    }

    private Finding jdk() {
        return java.feature() == FEATURE
                ? Finding.ok("jdk", "Java " + java)
                : Finding.fail(
                        "jdk",
                        "AGT-201",
                        "Java " + java + " runs this, and the classes are made for " + FEATURE,
                        "install a JDK " + FEATURE + " and set JAVA_HOME to it");
    }

    private Finding glibc() {
        Optional<Matcher> release = LIBRARIES.stream()
                .map(root::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .flatMap(RuntimeChecks::release);
        if (release.isEmpty()) {
            return Finding.fail(
                    "glibc",
                    "AGT-202",
                    "no GNU C library was found in " + String.join(", ", LIBRARIES) + " below " + root,
                    "use a distribution with glibc 2.35 or newer; musl does not load the native libraries");
        }
        int major = Integer.parseInt(release.get().group(1));
        int minor = Integer.parseInt(release.get().group(2));
        boolean recent = major > GLIBC_MAJOR || (major == GLIBC_MAJOR && minor >= GLIBC_MINOR);
        return recent
                ? Finding.ok("glibc", "glibc " + major + "." + minor)
                : Finding.fail(
                        "glibc",
                        "AGT-202",
                        "glibc is " + major + "." + minor + ", and the native libraries need 2.35",
                        "use Debian 12, Ubuntu 22.04, or anything newer");
    }

    /// The library tells its version in a text that it would print when it is started.
    private static Optional<Matcher> release(Path library) {
        try (InputStream in = Files.newInputStream(library)) {
            Matcher matcher = RELEASE.matcher(new String(in.readNBytes(LARGEST_LIBRARY), StandardCharsets.ISO_8859_1));
            return matcher.find() ? Optional.of(matcher) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private Finding processor() {
        List<String> flags = flags(root);
        if (!flags.contains("lm")) {
            return Finding.fail(
                    "processor",
                    "AGT-203",
                    "/proc/cpuinfo shows no x86-64 processor",
                    "use an x86-64 host: TEEs and native libraries are of that kind only");
        }
        return flags.contains("avx2")
                ? Finding.ok("processor", "x86-64 with AVX2")
                : Finding.warn(
                        "processor",
                        "AGT-203",
                        "the processor has no AVX2, so inference is several times slower",
                        "use a newer processor, or let the hypervisor show AVX2 to this guest");
    }

    /// Flags of the first processor, as /proc/cpuinfo names them. The file of a large machine is long: only its
    /// beginning is read.
    static List<String> flags(Path root) {
        try (Stream<String> lines = Files.lines(root.resolve("proc/cpuinfo"), StandardCharsets.ISO_8859_1)) {
            return lines.limit(LONGEST_PROCESSOR)
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> List.of(
                            line.substring(line.indexOf(':') + 1).strip().split("\\s+", -1)))
                    .orElse(List.of());
        } catch (IOException | UncheckedIOException unreadable) {
            return List.of();
        }
    }
}
