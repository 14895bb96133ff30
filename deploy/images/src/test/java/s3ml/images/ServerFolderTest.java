package s3ml.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServerFolderTest {
    @TempDir
    private Path scratch;

    /// A JVM that only tells how it was called.
    private Contents contents(String code) throws IOException {
        Path java = Files.writeString(
                scratch.resolve("java"), "#!/bin/sh\necho \"$MALLOC_ARENA_MAX|${JAVA_TOOL_OPTIONS:-}|$*\"\n");
        Path jar = Files.writeString(scratch.resolve("x.jar"), code);
        Path library = Files.writeString(scratch.resolve("libx.so"), "library");
        return new Contents(
                "server",
                Map.of(
                        Contents.JAVA,
                        java,
                        "/classpath/x.jar",
                        jar,
                        "/native/libx.so",
                        library,
                        "/lib/x86_64-linux-gnu/libc.so.6",
                        library),
                List.of(Contents.JAVA),
                new Contents.Jvm(List.of("-Xmx8m"), List.of("/classpath/x.jar"), "x.Main"));
    }

    @Test
    void the_same_files_give_the_same_folder_whenever_they_were_written() throws IOException {
        String one = ServerFolder.write(contents("code"), scratch.resolve("a"));
        Files.setLastModifiedTime(scratch.resolve("x.jar"), FileTime.fromMillis(77));

        String other = ServerFolder.write(contents("code"), scratch.resolve("b"));

        assertThat(other).isEqualTo(one);
        assertThat(Files.getLastModifiedTime(scratch.resolve("b/classpath/x.jar"))
                        .toMillis())
                .isEqualTo(1000);
        assertThat(scratch.resolve("b/lib")).doesNotExist();
    }

    @Test
    void one_changed_byte_gives_another_digest() throws IOException {
        String one = ServerFolder.write(contents("code"), scratch.resolve("a"));

        String other = ServerFolder.write(contents("c0de"), scratch.resolve("b"));

        assertThat(other).isNotEqualTo(one);
    }

    @Test
    void the_listed_digests_are_those_of_every_file() throws Exception {
        Path folder = scratch.resolve("a");
        ServerFolder.write(contents("code"), folder);

        Process check = new ProcessBuilder("sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS")
                .directory(folder.toFile())
                .start();

        assertThat(check.waitFor()).isZero();
        try (var files = Files.walk(folder)) {
            assertThat(Files.readAllLines(folder.resolve("SHA256SUMS")))
                    .hasSize((int) files.filter(Files::isRegularFile).count() - 1);
        }
    }

    @Test
    void the_script_starts_the_JVM_in_its_folder_with_nothing_of_the_callers() throws Exception {
        Path folder = scratch.resolve("a");
        ServerFolder.write(contents("code"), folder);
        Path script = folder.resolve("bin/s3ml-server");

        ProcessBuilder call = new ProcessBuilder(script.toString(), "--config", "my.json")
                .directory(scratch.toFile())
                .redirectErrorStream(true);
        call.environment().put("JAVA_TOOL_OPTIONS", "-javaagent:spy.jar");
        Process process = call.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(said.strip())
                .isEqualTo("1||@jvm.options -cp classpath/x.jar x.Main --config " + scratch.resolve("my.json"));
        assertThat(process.waitFor()).isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(script)))
                .isEqualTo("r-xr-xr-x");
    }

    @Test
    void a_folder_with_something_in_it_is_left_alone() throws IOException {
        Path folder = Files.createDirectories(scratch.resolve("a"));
        Files.writeString(folder.resolve("mine"), "mine");

        Contents contents = contents("code");

        assertThatThrownBy(() -> ServerFolder.write(contents, folder))
                .hasMessageContaining("IMG-107")
                .hasMessageContaining("not empty");
        assertThat(folder.resolve("mine")).hasContent("mine");
    }
}
