package s3ml.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContentsTest {
    @TempDir
    private Path folder;

    @Test
    void the_same_files_give_the_same_tar_whenever_they_were_written() throws IOException {
        Contents contents = contents("code");
        OciTar.write(contents, "example/x:1", folder.resolve("a.tar"), folder.resolve("cache-a"));
        Files.setLastModifiedTime(folder.resolve("x.jar"), FileTime.fromMillis(1));

        OciTar.write(contents, "example/x:1", folder.resolve("b.tar"), folder.resolve("cache-b"));

        assertThat(folder.resolve("b.tar")).hasSameBinaryContentAs(folder.resolve("a.tar"));
    }

    @Test
    void one_changed_byte_gives_another_tar() throws IOException {
        OciTar.write(contents("code"), "example/x:1", folder.resolve("a.tar"), folder.resolve("cache-a"));

        OciTar.write(contents("c0de"), "example/x:1", folder.resolve("b.tar"), folder.resolve("cache-b"));

        assertThat(Files.readAllBytes(folder.resolve("b.tar")))
                .isNotEqualTo(Files.readAllBytes(folder.resolve("a.tar")));
    }

    @Test
    void the_library_OS_files_name_every_file_of_the_image_and_say_that_nobody_ran_them() throws IOException {
        Contents contents = contents("code");

        String gramine = LibraryOs.gramine(contents);
        String bom = LibraryOs.bom(contents);

        assertThat(contents.files().keySet()).allSatisfy(path -> {
            assertThat(gramine).contains("\"file:" + path + "\"");
            assertThat(bom).contains("image" + path + "\n");
        });
        assertThat(List.of(gramine, bom, LibraryOs.occlum(contents)))
                .allSatisfy(text -> assertThat(text).startsWith("# NOT VERIFIED ON HARDWARE"));
        assertThat(gramine).contains("sgx.debug = false");
    }

    @Test
    void a_native_program_brings_its_loader_and_its_C_library() {
        Path program = Path.of(System.getProperty("java.home"), "bin", "java");

        Map<String, Path> libraries = SharedLibraries.of(List.of(program), List.of());

        assertThat(libraries).containsKeys("/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6");
        assertThat(libraries.values()).allSatisfy(library -> assertThat(library).isRegularFile());
    }

    @Test
    void a_program_that_is_no_Java_is_an_image_of_it_and_its_libraries() throws IOException {
        Path program = Path.of("/usr/bin/env");

        Contents contents = Recipes.program("envoy", program);
        OciTar.write(contents, "example/envoy:1", folder.resolve("e.tar"), folder.resolve("cache-e"));

        assertThat(contents.command()).containsExactly("/usr/local/bin/envoy");
        assertThat(contents.files())
                .containsEntry("/usr/local/bin/envoy", program)
                .containsKey("/lib/x86_64-linux-gnu/libc.so.6");
        assertThat(folder.resolve("e.tar")).isNotEmptyFile();
    }

    private Contents contents(String code) throws IOException {
        Path jar = Files.writeString(folder.resolve("x.jar"), code);
        return new Contents(
                "x",
                Map.of("/classpath/x.jar", jar, Contents.JAVA, jar),
                List.of(Contents.JAVA),
                new Contents.Jvm(List.of("-Xmx8m"), List.of("/classpath/x.jar"), "x.Main"));
    }
}
