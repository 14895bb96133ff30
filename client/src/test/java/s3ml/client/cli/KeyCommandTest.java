package s3ml.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.Digest;
import s3ml.attest.json.JsonObject;

final class KeyCommandTest {
    @TempDir
    private Path folder;

    @Test
    void a_new_key_is_readable_by_its_owner_only_and_named_by_its_digest() throws IOException {
        Path file = folder.resolve("admin.pem");

        Shell made = Shell.run("key", "new", "--out", file.toString(), "--json");

        JsonObject document = made.json();
        byte[] publicKey = Base64.getDecoder().decode(document.string("publicKey"));
        assertThat(made.status()).isZero();
        assertThat(made.err()).isEmpty();
        assertThat(document.string("publicKeySha256"))
                .isEqualTo(Digest.of(publicKey).hex());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Shell.run("key", "show", file.toString(), "--json").json()).isEqualTo(document);
        assertThat(OwnerFiles.readPublicKey(file.toString())).isEqualTo(publicKey);
        assertThat(OwnerFiles.readPublicKey(document.string("publicKey"))).isEqualTo(publicKey);
    }

    @Test
    void without_json_nothing_goes_to_stdout_and_the_private_key_is_never_shown() throws IOException {
        Path file = folder.resolve("admin.pem");

        Shell made = Shell.run("key", "new", "--out", file.toString());

        String secret = Files.readString(file).lines().toList().get(1);
        assertThat(made.out()).isEmpty();
        assertThat(made.err()).contains("public key").doesNotContain(secret);
    }

    @Test
    void a_key_is_never_replaced() throws IOException {
        Path file = folder.resolve("admin.pem");
        Shell.run("key", "new", "--out", file.toString());
        String before = Files.readString(file);

        Shell again = Shell.run("key", "new", "--out", file.toString(), "--json");

        assertThat(again.status()).isEqualTo(2);
        assertThat(again.json().object("error").string("code")).isEqualTo("CLI-141");
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void a_key_that_others_may_read_is_not_used() throws IOException {
        Path file = folder.resolve("admin.pem");
        Shell.run("key", "new", "--out", file.toString());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        Shell shown = Shell.run("key", "show", file.toString());

        assertThat(shown.status()).isEqualTo(2);
        assertThat(shown.err()).contains("CLI-141").contains("chmod 600");
    }

    @Test
    void a_folder_that_does_not_exist_is_a_failure() {
        Shell made =
                Shell.run("key", "new", "--out", folder.resolve("absent/key").toString(), "--json");

        assertThat(made.status()).isEqualTo(1);
        assertThat(made.json().object("error").string("code")).isEqualTo("CLI-140");
    }
}
