package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.protocol.NativeCrypto;
import s3ml.server.tflite.Interpreter;
import s3ml.server.tflite.Models;

/// What is measured is what runs: each native library is mapped from the folder of the build, none from a file that was
/// extracted when the process started.
final class NativeLibrariesTest {
    @Test
    void every_native_library_is_mapped_from_the_measured_folder() throws IOException {
        assertThat(NativeCrypto.provider().getService("MessageDigest", "SHA-256"))
                .isNotNull();
        OpenSsl.ensureAvailability();
        Epoll.ensureAvailability();
        Interpreter.open(Models.buffer(Models.doubling(TensorType.FLOAT32, 1)), 1)
                .close();

        Path folder = Path.of(System.getProperty("s3ml.test.native")).toRealPath();
        Set<Path> mapped = mappedLibraries();

        assertThat(mapped.stream()
                        .filter(path -> path.startsWith(folder))
                        .map(path -> path.getFileName().toString()))
                .containsExactlyInAnyOrder(
                        "libconscrypt_openjdk_jni-linux-x86_64.so",
                        "libjnitensorflowlite.so",
                        "libnetty_tcnative_linux_x86_64.so",
                        "libnetty_transport_native_epoll_x86_64.so");
        Path java = Path.of(System.getProperty("java.home")).toRealPath();
        assertThat(mapped)
                .allMatch(path -> path.startsWith(folder)
                        || path.startsWith(java)
                        || path.startsWith("/usr/lib")
                        || path.startsWith("/lib"));
    }

    private static Set<Path> mappedLibraries() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains(" r-xp ") && line.contains(".so"))
                .map(line -> Path.of(line.substring(line.indexOf('/'))))
                .collect(Collectors.toSet());
    }
}
