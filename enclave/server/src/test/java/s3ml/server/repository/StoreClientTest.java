package s3ml.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A store that breaks off, lies and refuses. How a right one is read: `PackageStoreIT`.
final class StoreClientTest {
    private static final long LARGEST = 100_000;

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<byte[]> answers = Collections.synchronizedList(new ArrayList<>());
    private final StoreClient client = new StoreClient(null, LARGEST);
    private final byte[] content = new byte[50_000];

    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init") // start
    private ServerSocket socket;

    @BeforeEach
    void start() throws IOException {
        new Random(1).nextBytes(content);
        socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void stop() throws IOException {
        socket.close();
    }

    /// Each connection gets the next answer, and is closed.
    private void serve() {
        while (!socket.isClosed()) {
            try (Socket caller = socket.accept()) {
                requests.add(head(caller.getInputStream()));
                OutputStream out = caller.getOutputStream();
                out.write(answers.isEmpty() ? new byte[0] : answers.removeFirst());
                out.flush();
                caller.shutdownOutput();
            } catch (IOException ended) {
                // The caller went away, or the test is over.
            }
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int next = in.read(); next >= 0 && head.indexOf("\r\n\r\n") < 0; next = in.read()) {
            head.append((char) next);
            if (head.toString().endsWith("\r\n\r\n")) {
                break;
            }
        }
        return head.toString();
    }

    private void answer(String head, byte[] body) {
        byte[] start = (head.replace("\n", "\r\n") + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(start, start.length + body.length);
        System.arraycopy(body, 0, whole, start.length, body.length);
        answers.add(whole);
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/bucket/m-1.s3mlpkg?signature=secret");
    }

    private Path file() {
        return folder.resolve("m-1.s3mlpkg");
    }

    @Test
    void what_broke_off_is_resumed_where_it_broke_off() throws IOException {
        answer("HTTP/1.1 200 OK\nETag: \"a\"\nContent-Length: 50000", Arrays.copyOf(content, 20_000));
        answer(
                "HTTP/1.1 206 Partial Content\nETag: \"a\"\nContent-Length: 30000\nContent-Range: bytes 20000-49999/50000",
                Arrays.copyOfRange(content, 20_000, 50_000));

        assertThat(client.fetch(address(), file())).isTrue();

        assertThat(Files.readAllBytes(file())).isEqualTo(content);
        assertThat(requests.get(1)).contains("Range: bytes=20000-").contains("If-Range: \"a\"");
    }

    @Test
    void another_file_than_the_one_that_broke_off_is_taken_from_its_start() throws IOException {
        byte[] other = content.clone();
        other[0] ^= 1;
        answer("HTTP/1.1 200 OK\nETag: \"a\"\nContent-Length: 50000", Arrays.copyOf(content, 20_000));
        answer("HTTP/1.1 200 OK\nETag: \"b\"\nContent-Length: 50000", other);

        client.fetch(address(), file());

        assertThat(Files.readAllBytes(file())).isEqualTo(other);
        assertThat(StoreClient.validator(file())).isEqualTo("\"b\"");
    }

    @Test
    void a_range_that_was_not_asked_for_is_not_appended() throws IOException {
        answer("HTTP/1.1 200 OK\nETag: \"a\"\nContent-Length: 50000", Arrays.copyOf(content, 20_000));
        answer(
                "HTTP/1.1 206 Partial Content\nETag: \"a\"\nContent-Length: 30000\nContent-Range: bytes 0-29999/50000",
                Arrays.copyOf(content, 30_000));
        answer("HTTP/1.1 200 OK\nETag: \"a\"\nContent-Length: 50000", content);

        client.fetch(address(), file());

        assertThat(Files.readAllBytes(file())).isEqualTo(content);
    }

    @Test
    void a_file_that_did_not_change_is_not_fetched_again() throws IOException {
        answer("HTTP/1.1 200 OK\nETag: \"a\"\nContent-Length: 50000", content);
        answer("HTTP/1.1 304 Not Modified\nETag: \"a\"", new byte[0]);

        assertThat(client.fetch(address(), file())).isTrue();
        assertThat(client.fetch(address(), file())).isFalse();

        assertThat(requests.get(1)).contains("If-None-Match: \"a\"");
        assertThat(Files.readAllBytes(file())).isEqualTo(content);
    }

    @Test
    void a_file_of_the_largest_size_is_taken_and_a_larger_one_is_not() throws IOException {
        answer("HTTP/1.1 200 OK\nETag: \"a\"\nContent-Length: " + LARGEST, new byte[(int) LARGEST]);
        answer("HTTP/1.1 200 OK\nETag: \"b\"\nContent-Length: " + (LARGEST + 1), new byte[(int) LARGEST + 1]);

        client.fetch(address(), file());
        assertThatThrownBy(() -> client.fetch(address(), folder.resolve("other")))
                .hasMessageContaining("SRV-306")
                .hasMessageContaining("100001")
                .hasMessageNotContaining("secret");

        assertThat(Files.size(file())).isEqualTo(LARGEST);
    }

    @Test
    void a_file_whose_size_is_not_told_is_cut_off_at_the_limit() {
        answer("HTTP/1.1 200 OK\nConnection: close", new byte[(int) LARGEST + 1]);

        assertThatThrownBy(() -> client.fetch(address(), file())).hasMessageContaining("SRV-306");
        assertThat(file()).doesNotExist();
    }

    @Test
    void a_store_that_forbids_and_one_that_has_no_such_file_are_told_apart_from_one_that_is_down() throws IOException {
        answer("HTTP/1.1 403 Forbidden\nContent-Length: 0", new byte[0]);
        answer("HTTP/1.1 404 Not Found\nContent-Length: 0", new byte[0]);

        assertThatThrownBy(() -> client.fetch(address(), file()))
                .hasMessageContaining("SRV-305")
                .hasMessageContaining("403")
                .hasMessageContaining("signed")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> client.fetch(address(), file()))
                .hasMessageContaining("SRV-305")
                .hasMessageContaining("404");
        socket.close();
        assertThatThrownBy(() -> client.fetch(address(), file())).hasMessageContaining("SRV-304");
    }
}
