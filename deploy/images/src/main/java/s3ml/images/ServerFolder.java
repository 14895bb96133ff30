package s3ml.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;

/// The model server as a folder that runs by itself: the files of its image without the system's libraries, a start
/// script, and the digest of each file. Fixed times and modes: the same files give the same folder.
///
/// Codes: `IMG-107` the folder cannot be written.
final class ServerFolder {
    /// What layers of images bear, and the times of the jars that the archive of classes was made with.
    private static final FileTime TIME = FileTime.from(Instant.ofEpochSecond(1));

    private static final String SUMS = "SHA256SUMS";

    private final Path folder;
    private final Map<String, String> digests = new TreeMap<>();

    private ServerFolder(Path folder) {
        this.folder = folder;
    }

    /// Writes the folder, which must not exist or be empty.
    ///
    /// @param contents of the image of the enclave
    /// @return SHA-256 of `SHA256SUMS`, hex: one word for all of it
    static String write(Contents contents, Path folder) {
        ServerFolder written = new ServerFolder(folder);
        try {
            Files.createDirectories(folder);
            try (Stream<Path> there = Files.list(folder)) {
                if (there.findAny().isPresent()) {
                    throw new IOException("it is not empty");
                }
            }
            return written.fill(contents);
        } catch (IOException e) {
            throw new S3mlException(
                    "IMG-107", "could not write " + folder, String.valueOf(e.getMessage()), "name an empty folder", e);
        }
    }

    private String fill(Contents contents) throws IOException {
        for (Map.Entry<String, Path> file : contents.files().entrySet()) {
            String name = inFolder(file.getKey());
            if (!name.isEmpty()) {
                try (InputStream in = Files.newInputStream(file.getValue())) {
                    put(name, in.readAllBytes(), name.startsWith("jre/bin/") || name.equals("jre/lib/jspawnhelper"));
                }
            }
        }
        Contents.Jvm jvm = contents.jvm();
        text("jvm.options", String.join("\n", jvm.options()) + "\n", false);
        String classPath = jvm.classPath().stream().map(ServerFolder::inFolder).collect(Collectors.joining(":"));
        text(
                "bin/s3ml-server",
                resource("s3ml-server").replace("@CLASSPATH@", classPath).replace("@MAIN@", jvm.mainClass()),
                true);
        for (String name : List.of("README.md", "server.json.sample")) {
            text(name, resource(name), false);
        }
        StringBuilder sums = new StringBuilder();
        digests.forEach(
                (name, digest) -> sums.append(digest).append("  ").append(name).append('\n'));
        text(SUMS, sums.toString(), false);
        fixTimes();
        return Objects.requireNonNull(digests.get(SUMS));
    }

    /// Where a file of the image lies in the folder; empty for those of the system.
    private static String inFolder(String path) {
        if (path.startsWith(Contents.JAVA_HOME + "/")) {
            return "jre" + path.substring(Contents.JAVA_HOME.length());
        }
        boolean ours = path.startsWith("/classpath/") || path.startsWith("/native/") || path.startsWith("/data/");
        return ours ? path.substring(1) : "";
    }

    private void text(String name, String text, boolean executable) throws IOException {
        put(name, text.getBytes(StandardCharsets.UTF_8), executable);
    }

    private void put(String name, byte[] bytes, boolean executable) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, bytes);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "r-xr-xr-x" : "r--r--r--"));
        digests.put(name, sha256(bytes));
    }

    /// Of folders last: writing into one changes its time.
    private void fixTimes() throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.sorted(java.util.Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            if (Files.isDirectory(path)) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            Files.setLastModifiedTime(path, TIME);
        }
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(ServerFolder.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
