package s3ml.client.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.cli.S3mlClient;

final class LogCommandTest {
    @TempDir
    Path folder;

    private final FakeLog log = new FakeLog().grow("a", 9);
    private final StringWriter out = new StringWriter();

    private int run(String... arguments) {
        return S3mlClient.run(new PrintWriter(out, true), new PrintWriter(new StringWriter(), true), arguments);
    }

    private String saved() {
        Path file = folder.resolve("saved.log");
        SavedLog.Writer writer = SavedLog.write(file, log.known());
        log.entries.forEach(writer::add);
        assertThat(writer.finish().isProven()).isTrue();
        return file.toString();
    }

    @Test
    void a_saved_log_of_a_remembered_AECS_verifies_with_exit_status_0() {
        Path heads = folder.resolve("heads.json");
        HeadMemory.open(heads).remember(new FakeLog(log.identity).grow("a", 4).known());

        int status = run("log", "verify", "--json", "--entries", "--heads", heads.toString(), saved());

        JsonObject document = Json.parseObject(out.toString().strip());
        assertThat(status).isZero();
        assertThat(document.bool("verified")).isTrue();
        assertThat(document.array("entries").objects()).hasSize(9);
        assertThat(document.object("log").number("size")).isEqualTo(9);
    }

    @Test
    void a_saved_log_that_contradicts_the_remembered_head_is_refused_with_exit_status_2() {
        Path heads = folder.resolve("heads.json");
        HeadMemory.open(heads).remember(new FakeLog(log.identity).grow("b", 4).known());

        int status = run("log", "verify", "--json", "--heads", heads.toString(), saved());

        assertThat(status).isEqualTo(2);
        assertThat(Json.parseObject(out.toString().strip()).string("code")).isEqualTo("PRO-183");
    }

    @Test
    void every_log_command_explains_itself() {
        for (String command : new String[] {"head", "save", "prove", "verify", "witness"}) {
            assertThat(run("log", command, "--help")).isZero();
        }
        assertThat(out.toString()).contains("--heads").contains("--admit");
    }
}
