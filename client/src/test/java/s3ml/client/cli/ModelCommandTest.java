package s3ml.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.Digest;
import s3ml.attest.json.JsonObject;

final class ModelCommandTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path key;
    private Path out;

    @BeforeEach
    void writeModel() throws IOException {
        model = Files.write(folder.resolve("model.tflite"), new byte[100_000]);
        key = folder.resolve("model.key");
        out = folder.resolve("packages");
    }

    @Test
    void a_packed_model_is_described_and_opens_with_its_key() throws IOException {
        Shell packed = pack("--labels", "ball, cube");
        String file = packed.json().string("package");

        JsonObject inspected = Shell.run("model", "inspect", file, "--key", key.toString(), "--json")
                .json();

        assertThat(packed.status()).isZero();
        assertThat(file).endsWith("detector-3.s3mlpkg");
        assertThat(packed.json().string("modelDigest"))
                .isEqualTo(Digest.of(new byte[100_000]).hex());
        assertThat(inspected.bool("verified")).isTrue();
        assertThat(inspected.array("labels").strings()).containsExactly("ball", "cube");
        assertThat(inspected.string("manifestDigest")).isEqualTo(packed.json().string("manifestDigest"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    @Test
    void without_the_key_a_package_is_shown_as_not_verified() {
        String file = pack().json().string("package");

        Shell inspected = Shell.run("model", "inspect", file);

        assertThat(inspected.status()).isZero();
        assertThat(inspected.err()).contains("NOT VERIFIED");
        assertThat(Shell.run("model", "inspect", file, "--json").json().bool("verified"))
                .isFalse();
    }

    @Test
    void a_changed_package_is_refused_with_its_code() throws IOException {
        Path file = Path.of(pack().json().string("package"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);

        Shell inspected = Shell.run("model", "inspect", file.toString(), "--key", key.toString(), "--json");

        assertThat(inspected.status()).isEqualTo(2);
        assertThat(inspected.json().object("error").string("code")).isEqualTo("PRO-115");
    }

    @Test
    void labels_are_found_in_the_archive_that_a_model_carries() throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        archive.write(new byte[5_000]);
        try (ZipOutputStream zip = new ZipOutputStream(archive)) {
            zip.putNextEntry(new ZipEntry("label_map.txt"));
            zip.write("ball\ncube\nduck".getBytes(StandardCharsets.UTF_8));
        }
        Files.write(model, archive.toByteArray());

        assertThat(pack().json().array("labels").strings()).containsExactly("ball", "cube", "duck");
    }

    @Test
    void a_bad_name_is_refused_before_a_key_is_written() {
        Shell packed = Shell.run(
                "model",
                "pack",
                model.toString(),
                "--name=../x",
                "--version=1",
                "--out=" + out,
                "--key-out=" + key,
                "--json");

        assertThat(packed.status()).isEqualTo(2);
        assertThat(packed.json().object("error").string("code")).isEqualTo("PRO-112");
        assertThat(key).doesNotExist();
    }

    private Shell pack(String... more) {
        String[] arguments = {
            "model",
            "pack",
            model.toString(),
            "--name=detector",
            "--version=3",
            "--out=" + out,
            "--key-out=" + key,
            "--json"
        };
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return Shell.run(all);
    }
}
