package s3ml.sim.loader;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;

/// What an enclave is: a canonical text with a line for everything that its process is made of, and the digests of it.
///
/// The first line is `s3ml simulated enclave v1`; then, in this order and each ended by a line feed, `runtime NAME
/// SHA256` for `bin/java` and every file below `lib` and `conf` of the JDK but `lib/src.zip` and `lib/ct.sym` (which
/// only development tools read), sorted by name; `classpath NAME SHA256` in search order; `native NAME SHA256` sorted
/// by name; `data NAME SHA256` sorted by name; `option TEXT` in order; `main CLASS`. MRENCLAVE is the SHA-256 of that
/// text, and MRTD, for enclaves with TDX evidence, its SHA-384. Paths, arguments, time and user do not count.
public final class EnclaveMeasurement {
    private static final List<String> NOT_RUN_TIME = List.of("lib/src.zip", "lib/ct.sym");

    private final String text;

    private EnclaveMeasurement(String text) {
        this.text = text;
    }

    /// Measures the files where they lie, without starting anything.
    ///
    /// @throws S3mlException SIM-104 if one cannot be read
    public static EnclaveMeasurement of(EnclaveSpec spec) {
        return measure(spec, new FileDigests(), (group, name, file) -> FileDigests.of(file));
    }

    /// Reads a file on behalf of the measurement.
    interface Reader {
        /// Returns the digest of the bytes that will run.
        ///
        /// @param group `classpath`, `native` or `data`
        Digest read(String group, String name, Path file) throws IOException;
    }

    static EnclaveMeasurement measure(EnclaveSpec spec, FileDigests jdk, Reader reader) {
        StringBuilder text = new StringBuilder("s3ml simulated enclave v1\n");
        try {
            for (Path file : runtimeFiles(spec.javaHome())) {
                line(text, "runtime", spec.javaHome().relativize(file).toString(), jdk.inPlace(file));
            }
            for (Path file : spec.parts().classPath()) {
                String name = file.getFileName().toString();
                line(text, "classpath", name, reader.read("classpath", name, file));
            }
            for (Path file : byName(spec.parts().nativeLibraries())) {
                String name = file.getFileName().toString();
                line(text, "native", name, reader.read("native", name, file));
            }
            for (Map.Entry<String, Path> data : spec.parts().data().entrySet()) {
                line(text, "data", data.getKey(), reader.read("data", data.getKey(), data.getValue()));
            }
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(e);
        }
        spec.call()
                .jvmOptions()
                .forEach(option -> text.append("option ").append(option).append('\n'));
        text.append("main ").append(spec.call().mainClass()).append('\n');
        return new EnclaveMeasurement(text.toString());
    }

    private static S3mlException unreadable(Exception e) {
        Throwable cause = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
        boolean missing = cause instanceof NoSuchFileException;
        return new S3mlException(
                "SIM-104",
                "could not measure the enclave",
                (missing ? "no such file: " : "") + cause.getMessage(),
                "build the tree (./s3ml builds what a command needs) or correct the description",
                cause);
    }

    private static void line(StringBuilder text, String group, String name, Digest digest) {
        text.append(group)
                .append(' ')
                .append(name)
                .append(' ')
                .append(digest.hex())
                .append('\n');
    }

    private static List<Path> byName(List<Path> files) {
        return files.stream()
                .sorted(Comparator.comparing(file -> file.getFileName().toString()))
                .toList();
    }

    private static List<Path> runtimeFiles(Path home) throws IOException {
        List<Path> files = new ArrayList<>();
        files.add(home.resolve("bin/java"));
        for (String folder : List.of("conf", "lib")) {
            try (Stream<Path> all = Files.walk(home.resolve(folder), FileVisitOption.FOLLOW_LINKS)) {
                all.filter(Files::isRegularFile)
                        .filter(file ->
                                !NOT_RUN_TIME.contains(home.relativize(file).toString()))
                        .sorted()
                        .forEach(files::add);
            }
        }
        return files;
    }

    /// MRENCLAVE.
    public Digest mrEnclave() {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// MRTD, 48 bytes.
    public byte[] mrTd() {
        try {
            return MessageDigest.getInstance("SHA-384").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The measured text, for people and for comparing two builds.
    public String text() {
        return text;
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(mrEnclave().bytes());
    }
}
