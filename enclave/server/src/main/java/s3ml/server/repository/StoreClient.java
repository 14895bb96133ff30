package s3ml.server.repository;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;

/// Fetches one file by HTTP: asks for a file that is there only if it changed, resumes what broke off, takes no more
/// than it was told. Not thread-safe.
///
/// [HttpURLConnection], because a client with threads of its own would cost protected memory for a few requests in a
/// day.
///
/// Faults: `SRV-304` the store cannot be reached, or broke off; `SRV-305` it refuses, or has no such file; `SRV-306`
/// the file is larger than is taken.
final class StoreClient {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int READ_MILLIS = 30_000;

    /// Of one file in one go; what came until then is resumed the next time.
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /// A store that restarts, a connection that breaks off.
    private static final int ATTEMPTS = 3;

    private static final int BUFFER = 64 * 1024;
    private static final int PARTIAL = 206;
    private static final int NOT_SATISFIABLE = 416;

    private final @Nullable SSLSocketFactory tls;
    private final long largest;

    /// @param tls for `https`
    StoreClient(@Nullable SSLSocketFactory tls, long largest) {
        this.tls = tls;
        this.largest = largest;
    }

    /// Makes `file` what the store has at that address.
    ///
    /// @return whether the file changed
    boolean fetch(URI address, Path file) {
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt(address, file);
            } catch (IOException broken) {
                if (attempt == ATTEMPTS) {
                    throw fault(
                            "SRV-304",
                            address,
                            broken.getClass().getSimpleName() + ": " + broken.getMessage() + " (" + ATTEMPTS
                                    + " attempts)",
                            "look at the store, the way to it and the disk; what came is resumed when it is asked again",
                            broken);
                }
            }
        }
    }

    private boolean attempt(URI address, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        long have = Files.exists(part) ? Files.size(part) : 0;
        String validator = validator(have > 0 ? part : file);
        HttpURLConnection connection = open(address);
        try {
            if (have > 0 && !validator.isEmpty()) {
                connection.setRequestProperty("Range", "bytes=" + have + "-");
                connection.setRequestProperty("If-Range", validator);
            } else if (Files.exists(file) && !validator.isEmpty()) {
                connection.setRequestProperty(
                        validator.startsWith("\"") || validator.startsWith("W/")
                                ? "If-None-Match"
                                : "If-Modified-Since",
                        validator);
            }
            int status = connection.getResponseCode();
            switch (status) {
                case HttpURLConnection.HTTP_NOT_MODIFIED -> {
                    return false;
                }
                case NOT_SATISFIABLE -> {
                    // The file is now shorter than what came of the older one.
                    Files.delete(part);
                    throw new IOException("the store has another file now than the one that broke off");
                }
                case HttpURLConnection.HTTP_OK -> take(connection, part, 0);
                case PARTIAL -> take(connection, part, have);
                default -> throw refusedBy(address, status, connection);
            }
        } finally {
            connection.disconnect();
        }
        moveValidator(part, file);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return true;
    }

    private HttpURLConnection open(URI address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setUseCaches(false);
        if (connection instanceof HttpsURLConnection secure && tls != null) {
            secure.setSSLSocketFactory(tls);
        }
        return connection;
    }

    private S3mlException refusedBy(URI address, int status, HttpURLConnection connection) throws IOException {
        boolean missing = status == HttpURLConnection.HTTP_NOT_FOUND || status == HttpURLConnection.HTTP_GONE;
        if (!missing && status >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
            throw new IOException("status " + status + " " + connection.getResponseMessage());
        }
        return fault(
                "SRV-305",
                address,
                "it answered " + status + " " + connection.getResponseMessage(),
                missing
                        ? "put the package there under that name; it is asked for again"
                        : "let this server read it, or give an address that is signed",
                null);
    }

    /// Appends the body to the part from `begin` on.
    private void take(HttpURLConnection connection, Path part, long begin) throws IOException {
        long length = connection.getContentLengthLong();
        if (begin > 0
                && !String.valueOf(connection.getHeaderField("Content-Range")).startsWith("bytes " + begin + "-")) {
            Files.delete(part);
            throw new IOException("the store answered with another range than it was asked for");
        }
        if (length > largest - begin) {
            throw tooLarge(connection, begin + length);
        }
        if (begin == 0) {
            Files.deleteIfExists(part);
            keepValidator(part, connection);
        }
        long end = System.nanoTime() + LONGEST.toNanos();
        long size = begin;
        try (InputStream body = connection.getInputStream();
                FileChannel out = FileChannel.open(
                        part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                size += count;
                if (size > largest) {
                    throw tooLarge(connection, size);
                }
                if (System.nanoTime() > end) {
                    throw new IOException(size + " bytes in " + LONGEST.toMinutes() + " minutes");
                }
                out.write(ByteBuffer.wrap(buffer, 0, count));
            }
        }
        // The JDK's stream ends quietly when the connection does.
        if (length >= 0 && size < begin + length) {
            throw new IOException("the connection ended after " + size + " of " + (begin + length) + " bytes");
        }
    }

    private S3mlException tooLarge(HttpURLConnection connection, long size) {
        return fault(
                "SRV-306",
                URI.create(connection.getURL().toString()),
                "it has at least " + size + " bytes, more than the " + largest + " that are taken",
                "raise maxPackageMegabytes, if that is the package",
                null);
    }

    /// What tells this version of a file from others: its ETag, or else its time.
    private static void keepValidator(Path part, HttpURLConnection connection) throws IOException {
        String tag = connection.getHeaderField("ETag");
        String time = connection.getHeaderField("Last-Modified");
        String validator = tag != null ? tag : time != null ? time : "";
        Files.writeString(beside(part), validator, StandardCharsets.UTF_8);
    }

    private static void moveValidator(Path part, Path file) throws IOException {
        Files.move(beside(part), beside(file), StandardCopyOption.REPLACE_EXISTING);
    }

    /// Of the file that lies there; empty if it is not known.
    static String validator(Path file) throws IOException {
        try {
            return Files.readString(beside(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException none) {
            return "";
        }
    }

    /// Removes the file, so that it is fetched whatever the store says about it.
    static void forget(Path file) throws IOException {
        Files.deleteIfExists(beside(file));
        Files.deleteIfExists(file);
    }

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".tag");
    }

    /// The query stays out of it: a signed address is a credential.
    private static S3mlException fault(String code, URI address, String why, String next, @Nullable Throwable cause) {
        String told = address.toString().replaceFirst("[?#].*", "");
        return new S3mlException(code, "cannot fetch " + told, why, next, cause);
    }
}
