package s3ml.sim.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static s3ml.sim.owner.EvidenceFixture.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.json.JsonObject;
import s3ml.sim.owner.EvidenceFixture.Ran;

/// `s3ml quote` prints what a quote says; `s3ml bundle` packs it with all that judging it takes.
final class QuoteAndBundleCommandTest {
    private final Path folder;
    private final EvidenceFixture fixture;

    QuoteAndBundleCommandTest(@TempDir Path folder) {
        this.folder = folder;
        this.fixture = new EvidenceFixture(folder);
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private String bundle(String... more) {
        String file = folder.resolve("bundle.json").toString();
        String[] arguments = new String[more.length + 4];
        arguments[0] = "bundle";
        arguments[1] = fixture.quoteFile();
        arguments[2] = file;
        arguments[3] = "--json";
        System.arraycopy(more, 0, arguments, 4, more.length);
        Ran made = run(arguments);
        assertThat(made.status()).as(made.out()).isZero();
        assertThat(made.json().string("bundle")).isEqualTo(file);
        return file;
    }

    @Test
    void a_quote_is_printed_field_by_field() {
        JsonObject sgx = run("quote", fixture.quoteFile(), "--json").json();
        JsonObject tdx = run("quote", fixture.file("tdx.bin", fixture.tdxQuote), "--json")
                .json();

        assertThat(sgx.object("header").number("version")).isEqualTo(3);
        assertThat(sgx.object("header").string("tee")).isEqualTo("SGX");
        assertThat(sgx.object("body").string("mrEnclave")).isEqualTo("c0".repeat(32));
        assertThat(sgx.object("body").number("isvProdId")).isEqualTo(3);
        assertThat(sgx.object("body").number("isvSvn")).isEqualTo(7);
        assertThat(sgx.object("signature").number("certificationDataType")).isEqualTo(5);
        assertThat(tdx.object("header").number("version")).isEqualTo(5);
        assertThat(tdx.object("body").string("mrTd")).isEqualTo("c0".repeat(48));
        assertThat(tdx.object("body").has("currentTeeTcbSvn")).isTrue();
    }

    @Test
    void people_read_the_fields_on_stderr_and_bytes_behind_the_quote_are_counted() {
        byte[] padded = java.util.Arrays.copyOf(fixture.quote, 8000);

        Ran ran = run("quote", fixture.file("padded.bin", padded));

        assertThat(ran.status()).isZero();
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err())
                .contains("mrEnclave", "c0c0c0")
                .containsPattern("trailingBytes +" + (8000 - fixture.quote.length));
    }

    @Test
    void the_quote_in_a_certificate_and_in_a_bundle_is_found() throws CertificateEncodingException {
        byte[] certificate =
                fixture.certificate(EvidenceFixture.keys(), fixture.issuer()).getEncoded();

        assertThat(run("quote", fixture.file("own.der", certificate), "--json").status())
                .isZero();
        assertThat(run("quote", bundle("--collateral", fixture.collateralFile()), "--json")
                        .json())
                .isEqualTo(run("quote", fixture.quoteFile(), "--json").json());
    }

    @Test
    void what_is_no_quote_is_refused_with_the_place() {
        Ran cut = run("quote", fixture.file("cut.bin", java.util.Arrays.copyOf(fixture.quote, 100)), "--json");

        assertThat(cut.status()).isEqualTo(2);
        assertThat(cut.json().object("error").string("code")).isEqualTo("ATT-101");
        assertThat(cut.json().object("error").string("message")).contains("quote.body");
        assertThat(run("quote", folder.resolve("absent").toString()).err()).contains("CLI-160");
    }

    @Test
    void a_bundle_holds_everything_and_is_judged_as_of_its_own_time() {
        String file = bundle("--collateral", fixture.collateralFolder(), "--policy", fixture.policyFile());
        fixture.close();

        Ran trusted = run("verify", file);
        Ran late = run(
                "verify",
                file,
                "--json",
                "--at",
                fixture.now.plus(Duration.ofDays(60)).toString());

        assertThat(trusted.status()).as(trusted.err()).isZero();
        assertThat(trusted.err()).contains("Judged as of", "from a bundle of", "says nothing about today");
        assertThat(late.status()).isEqualTo(2);
    }

    @Test
    void another_policy_than_the_bundles_own_decides_when_it_is_named() {
        String file = bundle("--pccs=" + fixture.pccs.address(), "--policy", fixture.policyFile());

        Ran rejected = run("verify", file, "--json", "--policy", fixture.policyFileForOtherCode());

        assertThat(rejected.status()).isEqualTo(2);
        assertThat(rejected.code()).isEqualTo("ATT-151");
    }

    @Test
    void a_bundle_that_was_changed_is_rejected() throws IOException {
        String file = bundle("--collateral", fixture.collateralFile(), "--policy", fixture.policyFile());
        String text = Files.readString(Path.of(file)).replace("UpToDate", "OutOfDate");

        assertThat(run("verify", fixture.file("changed.json", text), "--json").status())
                .isEqualTo(2);
    }

    @Test
    void a_bundle_that_cannot_be_made_or_written_says_why() {
        String collateral = "--collateral=" + fixture.collateralFile();
        String target = folder.resolve("no/such/folder.json").toString();

        Ran none = run("bundle", fixture.quoteFile(), target, "--json");
        Ran unwritable = run("bundle", fixture.quoteFile(), target, collateral, "--json");

        assertThat(none.json().object("error").string("message")).contains("CLI-162", "there is no collateral");
        assertThat(none.status()).isEqualTo(2);
        assertThat(unwritable.json().object("error").string("message")).contains("CLI-162", "no/such");
        assertThat(unwritable.status()).isNotZero();
    }
}
