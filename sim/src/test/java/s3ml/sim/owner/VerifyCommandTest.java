package s3ml.sim.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static s3ml.sim.owner.EvidenceFixture.run;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.json.JsonObject;
import s3ml.sim.owner.EvidenceFixture.Ran;

/// `s3ml verify` over evidence of every kind: 0 trusted, 2 rejected, 3 cannot tell.
final class VerifyCommandTest {
    private final Path folder;
    private final EvidenceFixture fixture;

    VerifyCommandTest(@TempDir Path folder) {
        this.folder = folder;
        this.fixture = new EvidenceFixture(folder);
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private Ran verify(String input, String... more) {
        String[] arguments = new String[more.length + 3];
        arguments[0] = "verify";
        arguments[1] = input;
        arguments[2] = "--json";
        System.arraycopy(more, 0, arguments, 3, more.length);
        return run(arguments);
    }

    private Ran verifyByPolicy(String input) {
        return verify(input, "--policy", fixture.policyFile(), "--collateral", fixture.collateralFile());
    }

    private static void assertRejected(Ran ran, String code) {
        assertThat(ran.status()).as(ran.out()).isEqualTo(2);
        assertThat(ran.json().string("verdict")).isEqualTo("rejected");
        assertThat(ran.code()).isEqualTo(code);
    }

    private static void assertUnknown(Ran ran, String code) {
        assertThat(ran.status()).as(ran.out()).isEqualTo(3);
        assertThat(ran.json().string("verdict")).isEqualTo("unknown");
        assertThat(ran.code()).isEqualTo(code);
    }

    @Test
    void a_quote_that_satisfies_the_policy_is_trusted_and_its_claims_are_printed() {
        Ran trusted = verifyByPolicy(fixture.quoteFile());

        JsonObject document = trusted.json();
        assertThat(trusted.status()).isZero();
        assertThat(trusted.err()).isEmpty();
        assertThat(document.members().keySet())
                .containsExactly("verdict", "tcbStatus", "advisoryIds", "findings", "claims");
        assertThat(document.string("verdict")).isEqualTo("trusted");
        assertThat(document.string("tcbStatus")).isEqualTo("UpToDate");
        assertThat(document.array("findings").items()).isEmpty();
        assertThat(document.object("claims").bool("simulated")).isTrue();
    }

    @Test
    void people_read_what_was_proven_in_plain_words() {
        Ran trusted = run(
                "verify",
                fixture.quoteFile(),
                "--policy",
                fixture.policyFile(),
                "--collateral",
                fixture.collateralFile());

        assertThat(trusted.out()).isEmpty();
        assertThat(trusted.err())
                .contains("SIMULATED", "TRUSTED", "c0c0c0", "cannot read its memory", "TCB is UpToDate");
    }

    @Test
    void collateral_comes_from_a_file_a_folder_or_a_PCCS_alike() {
        String[] sources = {
            "--collateral=" + fixture.collateralFile(),
            "--collateral=" + fixture.collateralFolder(),
            "--pccs=" + fixture.pccs.address()
        };
        for (String source : sources) {
            assertThat(verify(fixture.quoteFile(), "--policy", fixture.policyFile(), source)
                            .status())
                    .as(source)
                    .isZero();
        }
    }

    @Test
    void a_TDX_quote_in_hexadecimal_digits_is_judged_with_collateral_of_its_own_kind() {
        String quote = fixture.file("quote.hex", "0x" + HexFormat.of().formatHex(fixture.tdxQuote) + "\n");

        Ran trusted = verify(quote, "--policy", fixture.policyFile(), "--pccs=" + fixture.pccs.address());

        assertThat(trusted.status()).as(trusted.out()).isZero();
        assertRejected(
                verify(quote, "--policy", fixture.policyFile(), "--collateral=" + fixture.collateralFile()), "ATT-135");
    }

    @Test
    void other_code_and_a_changed_quote_are_rejected_with_what_was_expected() {
        byte[] changed = fixture.quote.clone();
        changed[48 + 64] ^= 1;
        String collateral = "--collateral=" + fixture.collateralFile();

        Ran other = verify(fixture.quoteFile(), "--policy", fixture.policyFileForOtherCode(), collateral);

        assertRejected(other, "ATT-151");
        assertThat(other.json().object("claims").members()).isNotEmpty();
        assertRejected(
                verify(fixture.file("changed.bin", changed), "--policy", fixture.policyFile(), collateral), "ATT-140");
    }

    @Test
    void without_policy_or_collateral_it_cannot_be_told() {
        String root = "--root=" + fixture.rootFile();
        String collateral = "--collateral=" + fixture.collateralFile();

        Ran examined = verify(fixture.quoteFile(), collateral, root);

        assertUnknown(examined, "ATT-150");
        assertThat(examined.json().string("tcbStatus")).isEqualTo("UpToDate");
        assertUnknown(verify(fixture.quoteFile(), "--policy", fixture.policyFile()), "ATT-110");
        assertUnknown(
                verify(fixture.quoteFile(), collateral, "--root=sha256:" + fixture.platform.rootFingerprint()),
                "ATT-150");
    }

    @Test
    void a_quote_under_a_root_that_nobody_named_is_rejected() {
        assertRejected(verify(fixture.quoteFile(), "--collateral=" + fixture.collateralFile()), "ATT-112");
    }

    @Test
    void the_time_is_the_callers_and_expired_collateral_is_rejected() {
        String collateral = "--collateral=" + fixture.collateralFile();
        String late = fixture.now.plus(Duration.ofDays(40)).toString();
        String seconds = Long.toString(fixture.now.plusSeconds(60).getEpochSecond());

        assertThat(verify(fixture.quoteFile(), "--policy", fixture.policyFile(), collateral, "--at", seconds)
                        .status())
                .isZero();
        assertRejected(
                verify(fixture.quoteFile(), "--policy", fixture.policyFile(), collateral, "--at", late), "ATT-119");
        assertThat(verify(fixture.quoteFile(), collateral, "--at", "yesterday").status())
                .isEqualTo(2);
        assertThat(verify(fixture.quoteFile(), collateral, "--at", "yesterday").err())
                .contains("--at wants a time");
    }

    @Test
    void a_certificate_is_judged_by_the_evidence_bound_to_its_key() throws CertificateEncodingException {
        KeyPair keys = EvidenceFixture.keys();
        X509Certificate own = fixture.certificate(keys, fixture.issuer());

        assertThat(verifyByPolicy(fixture.file("own.der", own.getEncoded())).status())
                .isZero();
        assertThat(verifyByPolicy(fixture.file("own.pem", EvidenceFixture.pem(own.getEncoded())))
                        .status())
                .isZero();
        X509Certificate stolen = fixture.certificate(keys, EvidenceFixture.issuer(data -> fixture.quote));
        assertRejected(verifyByPolicy(fixture.file("stolen.der", stolen.getEncoded())), "ATT-145");
        assertRejected(verifyByPolicy(fixture.rootFile()), "CLI-161");
    }

    @Test
    void bytes_that_are_no_evidence_are_rejected() {
        assertRejected(verifyByPolicy(fixture.file("empty.bin", new byte[0])), "ATT-101");
        assertRejected(verifyByPolicy(fixture.file("text.txt", "not a quote at all")), "ATT-101");
        assertRejected(
                verifyByPolicy(fixture.file("half.bin", java.util.Arrays.copyOf(fixture.quote, 900))), "ATT-101");
    }

    @Test
    void what_cannot_be_had_is_named_and_nothing_is_decided() {
        String quote = fixture.quoteFile();
        String policy = fixture.policyFile();
        String nowhere = folder.resolve("absent").toString();

        assertUnknown(verifyByPolicy(nowhere), "CLI-160");
        assertUnknown(verify(quote, "--policy", nowhere, "--collateral=" + fixture.collateralFile()), "CLI-160");
        assertUnknown(verify(quote, "--policy", policy, "--collateral=" + nowhere), "CLI-160");
        assertUnknown(verify(quote, "--policy", policy, "--collateral=" + folder.resolve("platform")), "ATT-301");
        assertUnknown(verify(quote, "--policy", policy, "--pccs=http://127.0.0.1:1"), "ATT-302");
        assertUnknown(verify(quote, "--policy", policy, "--pccs=ftp://somewhere"), "ATT-302");
        assertUnknown(verify(quote, "--policy", policy, "--collateral=" + fixture.file("bad.json", "{")), "ATT-201");
        assertUnknown(
                verify(
                        quote,
                        "--policy",
                        fixture.file("bad.json", "{\"version\":9}"),
                        "--pccs=" + fixture.pccs.address()),
                "ATT-202");
        assertUnknown(verifyByPolicy(fixture.file("bad.json", "{\"neither\":1}")), "ATT-201");
    }

    @Test
    void wrong_usage_is_status_2_with_nothing_on_stdout() {
        for (String[] arguments : new String[][] {{"verify"}, {"verify", "a", "b"}, {"verify", "a", "--nonsense"}}) {
            Ran ran = run(arguments);

            assertThat(ran.status()).isEqualTo(2);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err()).contains("Usage: s3ml verify");
        }
    }
}
